import type { ReplayReport } from '@/kept/comparison';
import { replayReport } from '@/kept/replay';
import { StudioError } from '@/models/errors';
import { browserEngine, compareInBrowser } from '../engine/client';
import type { StudioClient } from '../client/client';
import type { Address } from '../comparisons/address';
import { keepLocal, type LocalComparison, type LocalRun } from '../comparisons/local-comparisons';
import { localView, ownLanes } from '../comparisons/local-view';
import { wholeComparison } from '../comparisons/whole-comparison';

export type Replayed = ReplayReport & { /** Where the replay is kept. */ at?: Address };
type Watch = {
  signal: AbortSignal;
  /** How many lanes there are. */ onStart: (lanes: number) => void;
  onLane: () => void;
};

/** Runs a comparison again, where its lanes ran. @throws StudioError */
export const replay = (client: StudioClient, { where, id }: Address, watch: Watch): Promise<Replayed> =>
  where === 'server' ? replayOnServer(client, id, watch) : replayHere(client, id, watch);

/** Runs a comparison of the studio again, there. */
async function replayOnServer(client: StudioClient, id: string, { signal, onStart, onLane }: Watch): Promise<Replayed> {
  const created = await client.replay.start.mutate({ id });
  onStart(created.lanes.length);
  await new Promise<void>((resolve, reject) => {
    const subscription = client.comparison.events.subscribe(
      { id: created.id },
      {
        onData: ({ data }) => {
          if (data.kind === 'event' && (data.event.type === 'lane-finished' || data.event.type === 'lane-failed'))
            onLane();
          if (data.kind !== 'ended') return;
          subscription.unsubscribe();
          resolve();
        },
        onError: reject,
      },
    );
    signal.addEventListener('abort', () => {
      subscription.unsubscribe();
      client.comparison.cancel.mutate({ id: created.id }).then(
        () => resolve(),
        () => resolve(),
      );
    });
  });
  return { ...(await client.replay.report.query({ id: created.id })), at: { where: 'server', id: created.id } };
}

/**
 * Runs a comparison of this browser again, in this browser, from the picture or embedding that is kept in it; nothing
 * is sent. Lanes of it
 * that ran on the studio's server run there again. The replay is kept beside it. @throws StudioError
 */
async function replayHere(client: StudioClient, id: string, watch: Watch): Promise<Replayed> {
  const { local, half } = await wholeComparison(client, { where: 'browser', id });
  const original = local!;
  const mine = ownLanes(original, half);
  const theirs = half?.lanes.filter((lane) => !mine.some((own) => own.id === lane.id)).length ?? 0;
  watch.onStart(mine.length + theirs);
  const devices = [...new Set(mine.map(({ device }) => device))];
  const runs = devices.map((device): LocalRun => ({
    device,
    lanes: mine
      .filter((lane) => lane.device === device)
      .map(({ id: lane, decoder, options }) => ({ id: lane, decoder, options })),
    items: [],
  }));
  const {
    title,
    note: _note,
    deletedAt: _deletedAt,
    savedId: _saved,
    serverId: _half,
    lastThere: _last,
    ratings: _ratings,
    said: _said,
    references,
    ...same
  } = original;
  const again: LocalComparison = {
    ...same,
    id: crypto.randomUUID(),
    createdAt: Date.now(),
    runs,
    replayOf: id,
    ...(title ? { title } : {}),
    ...(references ? { references } : {}),
  };
  const [there] = await Promise.all([
    half && theirs ? replayOnServer(client, half.id, { ...watch, onStart: () => undefined }) : undefined,
    ...runs.map((run) => rerun(original, run, watch)),
  ]);
  if (there?.id) again.serverId = there.id;
  await keepLocal(again);
  const here = replayReport(localView(original, undefined, mine), localView(again));
  const report: ReplayReport = {
    ...here,
    same: here.same && (there?.same ?? true),
    lanes: [...here.lanes, ...(there?.lanes.filter((lane) => !mine.some((own) => own.id === lane.id)) ?? [])],
    differences: [...here.differences, ...(there?.differences ?? [])],
  };
  return { ...report, at: { where: 'browser', id: again.id } };
}

async function rerun(
  { photo, embedding, family, precision, runs }: LocalComparison,
  run: LocalRun,
  { signal, onLane }: Watch,
): Promise<void> {
  const space =
    runs
      .flatMap(({ items }) => items)
      .flatMap((item) => (item.kind === 'event' && item.event.type === 'encoded' ? [item.event.space] : []))[0] ??
    family;
  const input = photo
    ? { kind: 'image' as const, image: await browserEngine(run.device).decode(photo.blob) }
    : {
        kind: 'embedding' as const,
        embedding: {
          space,
          modality: embedding!.modality ?? ('image' as const),
          state: 'raw' as const,
          values: Float32Array.from(embedding!.values),
        },
      };
  const from = performance.now();
  try {
    for await (const event of compareInBrowser(
      run.device,
      { family, precision, input, lanes: run.lanes, includeEmbedding: true },
      { signal },
    )) {
      run.items.push({ kind: 'event', at: performance.now() - from, event });
      if (event.type === 'lane-finished' || event.type === 'lane-failed') onLane();
    }
    run.items.push({ kind: 'ended', status: 'finished' });
  } catch (error) {
    const failure = StudioError.from(error);
    if (failure.code !== 'cancelled' && !signal.aborted) throw failure;
    run.items.push({ kind: 'ended', status: 'cancelled' });
  }
}
