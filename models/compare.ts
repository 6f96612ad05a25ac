import { certaintyOf } from './certainty';
import { resolveOptions } from './decoders/options';
import { decoderNamed } from './decoders/registry';
import type { Decoder, DecoderInput, OptionValues } from './decoders/types';
import { StudioError, throwIfAborted } from './errors';
import { EventQueue } from './event-queue';
import type { EventOf, Hypothesis, LaneResult, StudioEvent, TokenChoice } from './events';
import { laneInput } from './own-embedding';
import type { Lane, Scheduler } from './runtime/scheduler';
import type { Precision } from './runtime/types';
import type { Embedding } from './spaces/embedding';
import { norm } from './spaces/embedding';
import type { RgbImage } from './spaces/image';
import { Space } from './spaces/space';
import { TextScorer } from './spaces/text-scorer';
import type { Tokenizer } from './spaces/tokenizer';
import type { Family, GraphName } from './weights/family';

export type CompareInput = { kind: 'image'; image: RgbImage } | { kind: 'embedding'; embedding: Embedding };
export type LaneRequest = {
  /** Names the lane in events; unique in the request. */
  id: string;
  decoder: string;
  options?: Record<string, unknown>;
};
export type CompareRequest = {
  family: string;
  precision?: Precision;
  input: CompareInput;
  lanes: readonly LaneRequest[];
  /** Puts the values of the embedding into the `encoded` event. */
  includeEmbedding?: boolean;
};
export type CompareContext = {
  /** Of the device that the families live on; shared by all comparisons there. */
  scheduler: Scheduler;
  /** @throws family-unknown, weights-missing */
  openFamily(name: string, precision?: Precision): Promise<Family>;
  signal?: AbortSignal;
  /** Stops one lane while its neighbours go on. */
  laneSignal?(lane: string): AbortSignal | undefined;
};
type Planned = { request: LaneRequest; decoder: Decoder; options: OptionValues };

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
  const lanes = plan(request, family);
  if (request.input.kind === 'embedding') checkEmbedding(request.input.embedding, space);
  yield {
    type: 'comparison-started',
    family: family.name,
    device: family.runtime.device,
    precision: family.precision,
    familyHash: family.hash,
    lanes: lanes.map(({ request: { id }, decoder, options }) => ({ id, decoder: decoder.name, options })),
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

function plan(request: CompareRequest, family: Family): Planned[] {
  if (!request.lanes.length)
    throw new StudioError('option-invalid', 'The comparison has no lane. Name at least one decoder.');
  const ids = new Set<string>();
  return request.lanes.map((lane) => {
    if (ids.has(lane.id))
      throw new StudioError('option-invalid', `Two lanes are called "${lane.id}". Give each a name of its own.`);
    ids.add(lane.id);
    const decoder = decoderNamed(lane.decoder);
    const trained = family.manifest.decoders[decoder.name];
    if (!trained)
      throw new StudioError(
        'decoder-unknown',
        `Family ${family.name} has no weights for ${decoder.name}. It has ${Object.keys(family.manifest.decoders).join(', ')}.`,
      );
    const options = resolveOptions(decoder.name, decoder.options, lane.options ?? {}, trained.defaults);
    checkPrefix(decoder.name, options, family);
    return { request: lane, decoder, options };
  });
}

/** @throws option-invalid */
function checkPrefix(decoder: string, options: OptionValues, family: Family): void {
  const languageModel = family.languageModel(decoder);
  const tokens = options.prefixTokens as readonly number[];
  const refuse = (message: string) =>
    new StudioError('option-invalid', `${decoder}: option "prefixTokens" ${message}`, {
      details: { option: 'prefixTokens' },
    });
  const strange = tokens.find(
    (id) => id >= languageModel.vocabulary || id === languageModel.bos || id === languageModel.eos,
  );
  if (strange !== undefined)
    throw refuse(
      `holds ${strange}; expected ids of words, below ${languageModel.vocabulary} and neither the begin token (${languageModel.bos}) nor the end token (${languageModel.eos}).`,
    );
  if (tokens.length >= Number(options.maxTokens))
    throw refuse(
      `has ${tokens.length} tokens and maxTokens is ${String(options.maxTokens)}: nothing is left to decode. Raise maxTokens, or give fewer.`,
    );
}

function checkEmbedding({ space: name, values }: Embedding, space: Space): void {
  if (name !== space.name)
    throw new StudioError(
      'embedding-mismatch',
      `The embedding is of the space ${name}, these decoders read ${space.name}. Spaces do not mix: encode the input with ${space.name}.`,
    );
  if (values.length !== space.dim)
    throw new StudioError(
      'embedding-mismatch',
      `The embedding has ${values.length} values, the space ${space.name} has ${space.dim}. It comes from another model.`,
    );
  if (!(norm(values) > 0) || !values.every(Number.isFinite))
    throw new StudioError(
      'embedding-invalid',
      `The embedding is zero or not finite; expected ${space.dim} finite numbers.`,
    );
}

type Turn = {
  /** When the lane may load its graphs. */ begin: Promise<unknown>;
  /** It has them, or never will. */ loaded: () => void;
};

/** Lanes that score their steps are by far the longest: they load when the others have their graphs. */
function loadingTurns(lanes: readonly Planned[]): Turn[] {
  const turns = lanes.map(({ decoder }) => {
    let loaded!: () => void;
    return { last: decoder.scoresSteps ?? false, done: new Promise<void>((resolve) => (loaded = resolve)), loaded };
  });
  const others = Promise.all(turns.filter(({ last }) => !last).map(({ done }) => done));
  return turns.map(({ last, loaded }) => ({ begin: last ? others : Promise.resolve(), loaded }));
}

/**
 * Loads graphs one after the other and says how far it is. Among lanes that load, the one that lacks the least comes
 * first.
 */
async function* load(
  family: Family,
  graphs: readonly GraphName[],
  scheduler: Scheduler,
  signal?: AbortSignal,
): AsyncGenerator<StudioEvent, void, void> {
  const missing = graphs.filter((graph) => !family.isLoaded(graph));
  for (const [done, graph] of missing.entries()) {
    throwIfAborted(signal);
    yield { type: 'loading', what: graph, done, total: missing.length };
    await family.fetch(graph);
    throwIfAborted(signal);
    await scheduler.load(missing.length - done, () => {
      const session = family.session(graph);
      const next = missing[done + 1];
      if (next !== undefined) family.make(next);
      return session;
    });
  }
  if (missing.length) yield { type: 'loading', what: '', done: missing.length, total: missing.length };
}

async function encode(
  input: CompareInput,
  space: Space,
  { scheduler, signal }: CompareContext,
): Promise<DecoderInput & { ms: number }> {
  if (input.kind === 'embedding') return { embedding: stated(input.embedding), ms: 0 };
  const lane = scheduler.lane(signal);
  const { embedding, grid } = await space.encodeImage(input.image, lane);
  return { embedding, grid, ms: lane.deviceMs };
}

/** Stages of a lane that explain what it does, and are no part of doing it. */
const explaining = new Set(['trace', 'insight']);
const workMs = (device: Lane) =>
  device.deviceMs - device.stages.reduce((sum, { stage, deviceMs }) => sum + (explaining.has(stage) ? deviceMs : 0), 0);

/** A vector of norm 1 is unit, whatever it was called: towers give raw embeddings of other norms. */
function stated(embedding: Embedding): Embedding {
  return Math.abs(norm(embedding.values) - 1) < 1e-3 ? { ...embedding, state: 'unit' } : embedding;
}

async function runLane(
  { request, decoder, options }: Planned,
  turn: Turn,
  image: RgbImage | undefined,
  shared: DecoderInput,
  space: Space,
  family: Family,
  context: CompareContext,
  queue: EventQueue<StudioEvent>,
): Promise<void> {
  const lane = request.id;
  const signal = anySignal(context.signal, context.laneSignal?.(lane));
  const device = context.scheduler.lane(signal);
  const scorers: TextScorer[] = [];
  try {
    if (decoder.needsGrid && !shared.grid)
      throw new StudioError(
        'needs-image',
        `${decoder.title} reads image tokens, and a bare embedding has none. Give it the photo, or leave this decoder out.`,
      );
    await turn.begin;
    for await (const event of load(family, [...decoder.graphs, 'text-tower'], context.scheduler, signal))
      queue.push(event);
    turn.loaded();
    const input = await laneInput({ decoder: decoder.name, options }, image, shared, space, device.at('encode'));
    const scorerAt = (stage: string) => {
      const made = new TextScorer(space, input.embedding, device.at(stage));
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
      const first = found[0];
      if (!first)
        throw new StudioError(
          'internal',
          `${decoder.title} found no caption: its rules forbid every one. Lower minTokens or noRepeat.`,
        );
      const cosines = await similarities(
        found.map(({ caption }) => caption),
        scorer,
      );
      const nBest = found.map(({ caption, tokens, logProb, score }, i): Hypothesis => ({
        caption,
        tokens,
        logProb,
        score,
        similarity: cosines[i]!,
      }));
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
          ownEmbedding: input.told,
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
    // Calibrated on photos, the default search and ranking: a bare embedding may be a text's, and either may lift its
    // cosine by itself.
    const { defaults, likelyFrom } = family.manifest.decoders[decoder.name]!;
    const ordinary = resolveOptions(decoder.name, decoder.options, {}, defaults);
    const usual = ['search', 'rerank', 'jointRerank'].every((name) => options[name] === ordinary[name]);
    const certainty = shared.grid && usual ? certaintyOf(similarity, likelyFrom) : undefined;
    const host = family.runtime.hostMemory();
    return {
      ...{ caption, tokens, logProb, similarity, similaritySpace: by.name, nBest },
      ...more,
      ...(certainty ? { certainty } : {}),
      deviceMs: workMs(device),
      stages: device.stages.map(({ stage, deviceMs, runs }) => ({ stage, deviceMs: decimals(deviceMs, 3), runs })),
      memory: {
        graphs: family.graphBytes([...decoder.graphs, 'text-tower']),
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

/** An empty caption says nothing about any image: its cosine counts as 0. */
async function similarities(captions: readonly string[], scorer: TextScorer): Promise<number[]> {
  const worded = captions.filter((caption) => caption);
  const cosines = await scorer.score(worded);
  let at = 0;
  return captions.map((caption) => (caption ? cosines[at++]! : 0));
}
