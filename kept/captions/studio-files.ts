import { type Collector, isObject } from './collect';

/** What the studio itself writes, so that it is read again: see server/cli/ and kept/export-text.ts. */

/** Captions of a photo as `caption --json` prints them: of lanes that failed there is none. */
export const isLaneList = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.length > 0 && value.every((lane) => isObject(lane) && typeof lane.decoder === 'string');

export function addLanes(into: Collector, where: string, names: unknown[], lanes: readonly Record<string, unknown>[]) {
  for (const { decoder, caption, error } of lanes)
    if (caption !== undefined || !error) into.add(where, { names, captions: caption, lane: String(decoder) });
}

type Kept = { title?: unknown; id?: unknown; references?: unknown; lanes: unknown[] };
/** A comparison as the history shows or exports it: its title is the file's name. */
export const isComparison = (value: unknown): value is Kept =>
  isObject(value) && Array.isArray(value.lanes) && 'title' in value && 'family' in value;

export function addComparison(into: Collector, where: string, { title, id, references, lanes }: Kept, hash?: unknown) {
  const named = { names: [title], ids: [id, hash] };
  if (Array.isArray(references) && references.length) into.add(where, { ...named, captions: references });
  for (const lane of lanes)
    if (isObject(lane) && isObject(lane.result))
      into.add(where, { ...named, captions: lane.result.caption, lane: String(lane.id ?? lane.decoder) });
}

/** What stands in the history's text export in place of a lane, before what a person said. */
export const ofPerson = '(person)';
/** The history's text export: `# title`, then a line for each lane. @returns whether it is one */
export function addTextExport(into: Collector, lines: readonly string[]): boolean {
  let title: string | undefined;
  for (const [i, line] of lines.entries()) {
    if (line.startsWith('# ')) title = line.slice(2);
    else if (line.trim()) {
      const [lane, caption] = line.split('\t');
      if (title === undefined || caption === undefined) return false;
      // What a person said of the photo is no decoder's.
      if (lane === ofPerson) continue;
      // How a lane without a caption stands is told in brackets.
      if (!/^\((waiting|running|finished|failed|cancelled|interrupted)\)$/.test(caption))
        into.add(`line ${i + 1}`, { names: [title], captions: caption, lane });
    }
  }
  return title !== undefined;
}
