/**
 * What somebody wants to see in the inspector. It is told by an event of the document, because whoever asks (a word, a
 * lane's menu) and the inspector stand far apart and each may be drawn without the other.
 */
export type LookInto = {
  lane: string;
  /** Index into the lane's words. */ word?: number;
  /** The tab to open; the one that is open without it. */ tab?: InspectorTab;
  /** Moves the focus there; else what is shown follows alone, and a narrow screen opens its sheet. */ focus: boolean;
};
export type InspectorTab = 'words' | 'beams' | 'trace' | 'why' | 'time' | 'options';

const name = 'v-look-into';

/** Asks the inspector of this document, if it has one. */
export function lookInto(wanted: LookInto): void {
  document.dispatchEvent(new CustomEvent(name, { detail: wanted }));
}

/** @returns how to listen no longer */
export function onLookInto(listener: (wanted: LookInto) => void): () => void {
  const heard = (event: Event) => listener((event as CustomEvent<LookInto>).detail);
  document.addEventListener(name, heard);
  return () => document.removeEventListener(name, heard);
}

/** The word of a lane's caption that the keyboard enters by. */
export const wordOf = (lane: string) =>
  document.querySelector<HTMLElement>(`[data-words-of="${CSS.escape(lane)}"] .v-token[tabindex="0"]`);
