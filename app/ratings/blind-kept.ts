/**
 * Where blind mode is kept. Whether it is on is this browser's. What was shown by name, what was revealed, and the seed
 * of the order are this tab's, so a reload changes neither, and whoever comes back another day finds another order.
 */
export type Blind = {
  on: boolean;
  seed: number;
  /**
   * Comparisons whose captions stood beside their lanes' names, and their inputs: run again, those give the same
   * captions.
   */
  seen: readonly string[];
  /** Comparisons whose names are shown although the mode is on. */
  revealed: readonly string[];
};
/** Before what is kept has been read. */
export const blindOff: Blind = { on: false, seed: 0, seen: [], revealed: [] };

const [modeKey, tabKey] = ['caption-studio.blind', 'caption-studio.blind-tab'];
/** As this visit has it: without storage the mode lasts as long as the page. */
let last: Blind | undefined;

export function keptBlind(): Blind {
  if (last) return last;
  let tab: Partial<Blind> = {};
  let on = false;
  try {
    on = localStorage.getItem(modeKey) === 'on';
    tab = JSON.parse(sessionStorage.getItem(tabKey) ?? '{}') as Partial<Blind>;
  } catch {
    // As above.
  }
  const ids = (list: unknown) => (Array.isArray(list) ? list.filter((id) => typeof id === 'string') : []);
  last = {
    on,
    seed: Number.isInteger(tab.seed) ? tab.seed! : Math.floor(Math.random() * 2 ** 32),
    seen: ids(tab.seen),
    revealed: ids(tab.revealed),
  };
  return last;
}

export function keepBlind(blind: Blind): void {
  const { on, ...tab } = (last = blind);
  try {
    localStorage.setItem(modeKey, on ? 'on' : 'off');
    sessionStorage.setItem(tabKey, JSON.stringify(tab));
  } catch {
    // As above.
  }
}

/** Hears that another tab switched the mode. @returns what ends that */
export function onBlindElsewhere(listener: (blind: Blind) => void): () => void {
  const elsewhere = ({ key }: StorageEvent) => {
    if (key === modeKey) listener((last = { ...keptBlind(), on: localStorage.getItem(modeKey) === 'on' }));
  };
  window.addEventListener('storage', elsewhere);
  return () => window.removeEventListener('storage', elsewhere);
}

/** Whether the names of a comparison are hidden. */
export const isHidden = ({ on, revealed }: Blind, comparison: string | undefined) =>
  on && (comparison === undefined || !revealed.includes(comparison));
