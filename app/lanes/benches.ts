import type { OptionValue } from '@/models/decoders/option-spec';

export type OptionSet = Record<string, OptionValue>;
/** A lane as the person set it up; `options` are those that differ from the page's own defaults. */
export type LaneConfig = { id: string; decoder: string; options: OptionSet };

/** The lanes of a comparison as the person left them; `removed` ran in it and were taken away. */
type Bench = { id: string; lanes: LaneConfig[]; removed: string[] };
const key = 'caption-studio.benches';
const most = 50;

/**
 * Keeps the lanes of a comparison in this browser; `before`: those that it had. Only the comparisons touched last are
 * kept.
 */
export function keepBench(id: string, lanes: readonly LaneConfig[], before: readonly LaneConfig[]): void {
  const [old, others] = [read().find((bench) => bench.id === id), read().filter((bench) => bench.id !== id)];
  const gone = [...(old?.removed ?? []), ...before.map((lane) => lane.id)].filter(
    (lane) => !lanes.some((each) => each.id === lane),
  );
  try {
    localStorage.setItem(
      key,
      JSON.stringify([{ id, lanes: [...lanes], removed: [...new Set(gone)] }, ...others].slice(0, most)),
    );
  } catch {
    // Without storage the lanes last as long as the page.
  }
}

/**
 * The lanes of a comparison as they were left; lanes that ran since (on another page) stand at the end. `ran`: those of
 * the comparison.
 */
export function asLeft(id: string, ran: readonly LaneConfig[]): LaneConfig[] {
  const bench = read().find((each) => each.id === id);
  if (!bench) return [...ran];
  return [
    ...bench.lanes,
    ...ran.filter((lane) => !bench.removed.includes(lane.id) && !bench.lanes.some((each) => each.id === lane.id)),
  ];
}

function read(): Bench[] {
  try {
    const parsed = JSON.parse(localStorage.getItem(key) ?? '[]') as Bench[];
    return parsed.filter(
      ({ id, lanes, removed }) =>
        typeof id === 'string' &&
        Array.isArray(removed) &&
        Array.isArray(lanes) &&
        lanes.length > 0 &&
        lanes.every(
          (lane) => typeof lane.id === 'string' && typeof lane.decoder === 'string' && typeof lane.options === 'object',
        ),
    );
  } catch {
    return [];
  }
}
