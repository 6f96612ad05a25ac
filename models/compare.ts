import { throwIfAborted } from './errors';
import { EventQueue } from './event-queue';
import type { StudioEvent } from './events';
import { encode } from './lanes/encode';
import { load, loadingTurns } from './lanes/load';
import { checkEmbedding, planLanes, requestOf } from './lanes/plan';
import type { CompareContext, CompareRequest } from './lanes/request';
import { runLane } from './lanes/run-lane';
import { norm } from './spaces/embedding';
import { Space } from './spaces/space';

export type { CompareContext, CompareInput, CompareRequest, LaneRequest } from './lanes/request';

/**
 * Decodes one photo or embedding by several decoders, side by side: the one way in for page, tRPC and CLI. The whole
 * request is
 * checked before any work; after that a lane that fails becomes `lane-failed` and its neighbours go on. The image is
 * encoded once.
 * After the signal fires at most one model run begins. @throws decoder-unknown, option-invalid, embedding-mismatch,
 * cancelled
 */
export async function* compare(
  request: CompareRequest,
  context: CompareContext,
): AsyncGenerator<StudioEvent, void, void> {
  const start = performance.now();
  const family = await context.openFamily(request.family, request.precision);
  const space = new Space(family);
  const lanes = planLanes(request.lanes, family.manifest);
  if (request.input.kind === 'embedding') checkEmbedding(request.input.embedding, space);
  yield {
    type: 'comparison-started',
    family: family.name,
    device: family.runtime.device,
    precision: family.precision,
    familyHash: family.hash,
    lanes: lanes.map(requestOf),
  };
  yield* load(family, request.input.kind === 'image' ? ['image-tower'] : [], context.scheduler, context.signal);
  const input = await encode(request.input, space, context);
  yield {
    type: 'encoded',
    space: space.name,
    ms: input.ms,
    norm: norm(input.embedding.values),
    ...(request.includeEmbedding
      ? { values: Array.from(input.embedding.values, (v) => Number(v.toPrecision(9))) }
      : {}),
  };

  const image = request.input.kind === 'image' ? request.input.image : undefined;
  const queue = new EventQueue<StudioEvent>();
  const turns = loadingTurns(lanes);
  const work = Promise.all(
    lanes.map((lane, i) => runLane(lane, turns[i]!, image, input, space, family, context, queue)),
  ).finally(() => queue.close());
  try {
    yield* queue.drain();
  } finally {
    await work;
  }
  throwIfAborted(context.signal);
  yield { type: 'comparison-finished', ms: performance.now() - start };
}
