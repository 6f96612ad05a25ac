import type { StudioEvent } from '../models/events';
import type { ComparisonView, LaneView, ReplayDifference, ReplayLane, ReplayReport } from './comparison';

/** What ran a comparison, as far as a replay may differ in it. */
export type RunConditions = Pick<
  ComparisonView,
  'family' | 'familyHash' | 'weightHashes' | 'precision' | 'device' | 'appVersion'
>;

/** What is not as it was: reasons why tokens may differ. */
export function differencesOf(before: RunConditions, after: RunConditions): ReplayDifference[] {
  const out: ReplayDifference[] = [];
  const note = (what: ReplayDifference['what'], from: string | null | undefined, to: string | null | undefined) => {
    if (from && to && from !== to) out.push({ what, before: from, after: to });
  };
  note('device', deviceText(before.device), deviceText(after.device));
  note('precision', before.precision, after.precision);
  if (before.familyHash && after.familyHash && before.familyHash !== after.familyHash) {
    const files = Object.keys({ ...before.weightHashes, ...after.weightHashes }).filter(
      (file) => before.weightHashes && after.weightHashes && before.weightHashes[file] !== after.weightHashes[file],
    );
    out.push({
      what: 'weights',
      before: before.familyHash,
      after: after.familyHash,
      ...(files.length ? { files: files.sort() } : {}),
    });
  }
  note('version', before.appVersion, after.appVersion);
  return out;
}

const deviceText = (device: RunConditions['device']) =>
  device && [device.name, device.adapter].filter(Boolean).join(', ');

/** The lanes of a replay beside those of the original, token by token, and what else differs. */
export function replayReport(original: ComparisonView, again: ComparisonView): ReplayReport {
  const lanes = original.lanes.map((lane): ReplayLane =>
    compareLane(
      lane,
      again.lanes.find(({ id }) => id === lane.id),
    ),
  );
  return {
    of: original.id,
    id: again.id === 'cli' ? null : again.id,
    same: lanes.every(({ same }) => same),
    lanes,
    differences: differencesOf(original, again),
  };
}

function compareLane(before: LaneView, after: LaneView | undefined): ReplayLane {
  const { id, decoder } = before;
  const captions = { before: before.result?.caption ?? null, after: after?.result?.caption ?? null };
  if (!before.result || !after?.result) {
    // A lane that had no caption and has none for the same reason is the same.
    const same = !before.result && !after?.result && before.error?.code === after?.error?.code;
    return {
      id,
      decoder,
      same,
      ...captions,
      firstDifference: null,
      lacks: same
        ? { when: 'both' }
        : before.result
          ? { when: 'now', why: after?.error?.message ?? after?.status ?? 'it did not run' }
          : { when: 'then', why: before.status },
    };
  }
  const [one, two] = [before.result.tokens, after.result.tokens];
  const longest = Math.max(one.length, two.length);
  const at = Array.from({ length: longest }, (_, i) => i).find((i) => one[i] !== two[i]);
  return {
    id,
    decoder,
    same: at === undefined,
    ...captions,
    firstDifference: at ?? null,
    logProbDifference: Math.abs(before.result.logProb - after.result.logProb),
  };
}

/** The report in words, for a page or a terminal. */
export function replaySentences({ same, lanes, differences }: ReplayReport): string[] {
  const names = {
    device: 'The device differs',
    precision: 'The precision differs',
    weights: 'The weights differ',
    version: 'The version of the studio differs',
  };
  return [
    same
      ? 'Same tokens in every lane.'
      : `${lanes.filter((lane) => !lane.same).length} of ${lanes.length} lanes differ.`,
    ...differences.map(
      ({ what, before, after, files }) =>
        `${names[what]}: ${shortHash(before)} then, ${shortHash(after)} now${files ? ` (${files.join(', ')})` : ''}.`,
    ),
    ...(!same && !differences.length
      ? [
          'Device, precision, weights and version are what they were: the difference comes from the order of sums on this device.',
        ]
      : []),
  ];
}
export const shortHash = (value: string) => (/^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value);

/** Why a lane has no caption to compare, in words. */
export function replayNote({ lacks }: ReplayLane): string | undefined {
  if (!lacks) return undefined;
  if (lacks.when === 'both') return 'no caption, then as now';
  return lacks.when === 'now' ? `no caption now: ${lacks.why}` : `no caption then (${lacks.why})`;
}

/** A comparison's view from the events of a run that is kept nowhere. */
export function viewOfRun(
  original: ComparisonView,
  events: readonly StudioEvent[],
  appVersion: string,
  weights: Pick<RunConditions, 'familyHash' | 'weightHashes'>,
): ComparisonView {
  const started = events.find((event) => event.type === 'comparison-started');
  const lanes = original.lanes.map(({ id, decoder, options }): LaneView => {
    const end = events.find(
      (event) => (event.type === 'lane-finished' || event.type === 'lane-failed') && event.lane === id,
    );
    return {
      id,
      decoder,
      options,
      status: end?.type === 'lane-finished' ? 'finished' : 'failed',
      result: end?.type === 'lane-finished' ? end.result : null,
      error: end?.type === 'lane-failed' ? end.error : null,
    };
  });
  return {
    ...original,
    ...weights,
    id: 'cli',
    appVersion,
    device: started?.device ?? null,
    precision: started?.precision ?? null,
    lanes,
    items: [],
  };
}
