import { setTimeout as sleep } from 'node:timers/promises';
import type { CompareRequest } from '../../models/compare';
import type { CompareOptions } from '../engine/host';
import { throwIfAborted } from '../../models/errors';
import type { LaneResult, StudioEvent } from '../../models/events';
import type { TextScoreRequest } from '../../models/spaces/score-text';
import type { Engine } from './engine';

const words = ['a', 'dog', 'runs', 'on', 'grass'];

export function scriptedResult(caption: string): LaneResult {
  const tokens = caption.split(' ').map((_, i) => i + 3);
  const best = { caption, tokens, logProb: -4.5, score: -0.9, similarity: 0.4 };
  const { score: _score, ...said } = best;
  return {
    ...said,
    similaritySpace: 'pocket',
    optimised: false,
    nBest: [best],
    deviceMs: 3,
    ms: 5,
    firstTokenMs: 1,
    counters: { modelRuns: tokens.length },
  };
}

/**
 * For tests of the queue and the database alone: an engine without models that emits what a real one does, in its
 * order, one
 * step of every lane after `stepMs`. Lane number n is done after n + 1 words; a decoder called `broken` fails.
 */
export function scriptedEngine(
  stepMs: number,
): Engine & { running: number; most: number; started: number; aborted: number; inputs: CompareRequest['input'][] } {
  const engine = {
    running: 0,
    most: 0,
    started: 0,
    aborted: 0,
    inputs: [] as CompareRequest['input'][],
    async *compare(request: CompareRequest, { signal, laneSignal }: CompareOptions = {}): AsyncGenerator<StudioEvent> {
      engine.inputs.push(request.input);
      engine.started++;
      engine.most = Math.max(engine.most, ++engine.running);
      try {
        yield* scriptedEvents(request, stepMs, signal, laneSignal);
      } catch (error) {
        engine.aborted++;
        throw error;
      } finally {
        engine.running--;
      }
    },
    // The more letters, the better.
    scoreText: async ({ family, text }: TextScoreRequest) => ({ cosine: text.length / 1000, space: family }),
    devices: async () => [{ name: 'cpu' as const, available: true }],
    close: async () => {},
  };
  return engine;
}

async function* scriptedEvents(
  { family, precision = 'q8', lanes, includeEmbedding }: CompareRequest,
  stepMs: number,
  signal?: AbortSignal,
  laneSignal?: CompareOptions['laneSignal'],
): AsyncGenerator<StudioEvent> {
  yield {
    type: 'comparison-started',
    family,
    precision,
    device: { name: 'cpu' },
    lanes: lanes.map(({ id, decoder, options }) => ({ id, decoder, options: { beams: 5, ...options } })),
  };
  yield { type: 'encoded', space: family, ms: 2, norm: 9.5, ...(includeEmbedding ? { values: [9.5, 0] } : {}) };
  for (const { id } of lanes) yield { type: 'lane-started', lane: id };
  const stopped = new Set<string>();
  for (let step = 0; step < Math.max(lanes.length, 1); step++) {
    await sleep(stepMs, undefined, { signal }).catch(() => undefined);
    throwIfAborted(signal);
    for (const [index, lane] of lanes.entries()) {
      if (index < step || stopped.has(lane.id)) continue;
      if (laneSignal?.(lane.id)?.aborted) {
        stopped.add(lane.id);
        yield { type: 'lane-failed', lane: lane.id, error: { code: 'cancelled', message: 'Cancelled.' } };
        continue;
      }
      if (lane.decoder === 'broken') {
        if (step === 0)
          yield {
            type: 'lane-failed',
            lane: lane.id,
            error: { code: 'weights-corrupt', message: 'broken.safetensors differs from its manifest.' },
          };
        continue;
      }
      const text = words[step % words.length]!;
      const partial = Array.from({ length: step + 1 }, (_, i) => words[i % words.length]!).join(' ');
      yield {
        type: 'step',
        lane: lane.id,
        step,
        token: step + 3,
        text,
        logProb: -0.9,
        alternatives: [{ id: step + 3, text, logProb: -0.9 }],
        beams: [],
        partial,
      };
      if (index === step) yield { type: 'lane-finished', lane: lane.id, result: scriptedResult(partial) };
    }
  }
  yield { type: 'comparison-finished', ms: stepMs * lanes.length };
}
