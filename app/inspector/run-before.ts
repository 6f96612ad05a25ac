import type { LaneFilm } from '../views/film';

/** A lane's run as this visit saw it. */
export type Run = { caption: string; options: LaneFilm['options']; key: string };
export type RunBefore = { before: Run; now: Run };
type Runs = ReadonlyMap<string, { before?: Run; now: Run }>;
export type RunsSeen = {
  of: string | undefined;
  runs: Runs;
  /** Those that ran more than once. */ pairs: ReadonlyMap<string, RunBefore>;
};

export const noRuns: RunsSeen = { of: undefined, runs: new Map(), pairs: new Map() };

/**
 * What was seen, after another look at the lanes (as they are, not wound back) of the input `of`: a lane that has
 * ended once more has the run that it had as the one before. Of another input nothing is known. The same object where
 * nothing is new.
 */
export function seeRuns(seen: RunsSeen, of: string | undefined, lanes: readonly LaneFilm[]): RunsSeen {
  const known: Runs = seen.of === of ? seen.runs : noRuns.runs;
  const news = lanes.flatMap(({ id, result, options }) => {
    if (!result) return [];
    // The same run may be told twice (a stream that was joined again); its times name it.
    const key = [result.caption, result.ms, result.deviceMs, result.firstTokenMs].join();
    const last = known.get(id)?.now;
    if (last?.key === key) return [];
    const now: Run = { caption: result.caption, options, key };
    return [[id, last ? { before: last, now } : { now }] as const];
  });
  if (!news.length && seen.of === of) return seen;
  const runs: Runs = new Map([...known, ...news]);
  const pairs = new Map([...runs].flatMap(([id, { before, now }]) => (before ? [[id, { before, now }] as const] : [])));
  return { of, runs, pairs };
}

/** Options that two runs of a lane differ by. */
export function changedOptions(
  before: Run['options'],
  now: Run['options'],
): { name: string; from: string; to: string }[] {
  const said = (value: unknown) =>
    value === undefined ? '–' : Array.isArray(value) ? `[${value.join(' ')}]` : String(value);
  return [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => said(before[name]) !== said(now[name]))
    .map((name) => ({ name, from: said(before[name]), to: said(now[name]) }));
}
