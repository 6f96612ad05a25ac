import type { DecoderInput } from '../decoders/types';
import { StudioError } from '../errors';
import type { EventQueue } from '../event-queue';
import type { EventOf, Hypothesis, LaneResult, StudioEvent, TokenChoice } from '../events';
import { laneInput } from '../own-embedding';
import type { Lane } from '../runtime/scheduler';
import type { RgbImage } from '../spaces/image';
import type { Space } from '../spaces/space';
import { TextScorer } from '../spaces/text-scorer';
import { TextTree } from '../spaces/text-tree';
import type { Tokenizer } from '../spaces/tokenizer';
import type { Family } from '../weights/family';
import { certaintyIn, refuseWithoutTokens, withCosines } from './answer';
import { laneGraphs, load, type Turn } from './load';
import type { Planned } from './plan';
import type { CompareContext } from './request';

/** Stages of a lane that explain what it does, and are no part of doing it. */
const explaining = new Set(['trace', 'insight']);
const workMs = (device: Lane) =>
  device.deviceMs - device.stages.reduce((sum, { stage, deviceMs }) => sum + (explaining.has(stage) ? deviceMs : 0), 0);

/** Runs one lane to its end, which is an event: a failure of its own stops no neighbour. */
export async function runLane(
  { id: lane, decoder, options }: Planned,
  turn: Turn,
  image: RgbImage | undefined,
  shared: DecoderInput,
  space: Space,
  family: Family,
  context: CompareContext,
  queue: EventQueue<StudioEvent>,
): Promise<void> {
  const signal = anySignal(context.signal, context.laneSignal?.(lane));
  const device = context.scheduler.lane(signal);
  const scorers: TextScorer[] = [];
  try {
    refuseWithoutTokens(decoder, Boolean(shared.grid ?? image));
    await turn.begin;
    for await (const event of load(family, laneGraphs(decoder, family), context.scheduler, signal)) queue.push(event);
    turn.loaded();
    const input = await laneInput(decoder, options, image, shared, space, family, device.at('encode'));
    const scorerAt = (stage: string) => {
      const made = new TextScorer(space, input.embedding, new TextTree(space, device.at(stage)));
      scorers.push(made);
      return made;
    };
    // What only explains is counted apart from the decoder's own work.
    const [scorer, tracer, explainer] = [scorerAt('score'), scorerAt('trace'), scorerAt('insight')];
    const start = performance.now();
    queue.push({ type: 'lane-started', lane });
    let firstTokenMs: number | undefined;
    let before = 0;
    const cosineOf = async (text: string) => scorer.known(text) ?? (await tracer.score([text]))[0]!;
    const taken = async (event: EventOf<'step'>): Promise<EventOf<'step'>> => {
      firstTokenMs ??= performance.now() - start;
      const now = workMs(device);
      const deviceMs = decimals(now - before, 3);
      before = now;
      const similarity =
        event.similarity ??
        (options.cosineTrace === true && event.partial ? decimals(await cosineOf(event.partial), 4) : undefined);
      return { ...event, deviceMs, ...(similarity === undefined ? {} : { similarity }) };
    };
    const own = {
      lane,
      decoder: decoder.name,
      modes: decoder.modes,
      family,
      space,
      device,
      scorer,
      prefixTokens: options.prefixTokens as readonly number[],
    };
    const run = decoder.run(input, options, own);
    for (;;) {
      const next = await run.next();
      if (!next.done) {
        queue.push(next.value.type === 'step' ? await taken(next.value) : next.value);
        continue;
      }
      const { found, optimised, counters } = next.value;
      const nBest = await withCosines(decoder, found, scorer);
      const first = found[0]!;
      const tokenizer = await family.tokenizer(family.languageModel(decoder.name).tokenizer);
      const trail = first.trail && (await traced(first.trail(), options.cosineTrace === true, tokenizer, cosineOf));
      const ms = performance.now() - start;
      if (decoder.explain)
        for await (const event of decoder.explain(first, input, options, {
          ...own,
          scorer: explainer,
          device: { at: () => device.at('insight') },
        }))
          if (event.type === 'insight') queue.push(event);
      queue.push({
        type: 'lane-finished',
        lane,
        result: result(nBest, {
          trail,
          optimised,
          ...(input.told ? { ownEmbedding: input.told } : {}),
          ms,
          firstTokenMs: firstTokenMs ?? ms,
          space,
          counters: { ...counters, modelRuns: device.runs },
        }),
      });
      return;
    }
  } catch (error) {
    queue.push({ type: 'lane-failed', lane, error: StudioError.from(error).toData() });
  } finally {
    turn.loaded();
    for (const each of scorers) each.dispose();
  }

  function result(
    nBest: Hypothesis[],
    told: Pick<LaneResult, 'trail' | 'optimised' | 'ownEmbedding' | 'ms' | 'firstTokenMs' | 'counters'> & {
      space: Space;
    },
  ): LaneResult {
    const { caption, tokens, logProb, similarity } = nBest[0]!;
    const { space: by, ...more } = told;
    // Of a bare embedding it says nothing: that may be a text's.
    const certainty = shared.grid ? certaintyIn(family.manifest, decoder, options, similarity) : undefined;
    const host = family.runtime.hostMemory();
    return {
      ...{ caption, tokens, logProb, similarity, similaritySpace: by.name, nBest },
      ...more,
      ...(certainty ? { certainty } : {}),
      deviceMs: workMs(device),
      stages: device.stages.map(({ stage, deviceMs, runs }) => ({ stage, deviceMs: decimals(deviceMs, 3), runs })),
      memory: {
        graphs: family.graphBytes(laneGraphs(decoder, family)),
        ...(host ? { host: host.bytes, hostKind: host.kind } : {}),
      },
    };
  }
}

function anySignal(...signals: (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

/** The trail of a caption, with the cosine after each of its tokens where that is wanted. */
async function traced(
  trail: TokenChoice[],
  wanted: boolean,
  tokenizer: Tokenizer,
  cosineOf: (text: string) => Promise<number>,
): Promise<TokenChoice[]> {
  if (!wanted) return trail;
  const out: TokenChoice[] = [];
  for (const [i, choice] of trail.entries()) {
    const text = tokenizer.decode(trail.slice(0, i + 1).map(({ id }) => id));
    out.push(text ? { ...choice, similarity: decimals(await cosineOf(text), 4) } : choice);
  }
  return out;
}

const decimals = (x: number, digits: number) => Math.round(x * 10 ** digits) / 10 ** digits;
