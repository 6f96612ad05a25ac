import { StudioError } from '../errors';
import { type Embedding, unit } from '../spaces/embedding';
import type { GraphName } from '../graphs/spec';
import type { OptionSpec, OptionValues, When } from './option-spec';
import type { DecoderContext, DecoderEvent, DecoderOutput } from './types';
import { publishedMode, withMode } from './published';
import type { PublishedMode } from './published-mode';
import { beamSearch } from '../search/beam';
import { clipcapBeam } from '../search/clipcap-beam';
import { GraphStepModel, type Prompt } from '../search/graph-step-model';
import { guidedBeam } from '../search/guided-beam';
import { magic } from '../search/magic';
import { publishedGreedy } from '../search/published-greedy';
import { sample } from '../search/sampling';
import type { Found, Search, SearchInput, StepModel } from '../search/types';

/** Searches that walk any language model. */
export const searches = ['beam', 'greedy', 'sample', 'clipcap-beam', 'magic', 'guided-beam'] as const;

/** What each search does, in one sentence. */
const searchDoes: Readonly<Record<string, string>> = {
  beam: 'Keeps the likeliest beginnings side by side and takes the likeliest finished caption.',
  greedy: 'Takes the likeliest token each time.',
  sample: 'Draws each token by its probability, several captions in all, and takes the likeliest.',
  'clipcap-beam':
    "ClipCap's own beam search: by the mean log-probability of a token, and a finished caption can be dropped again.",
  magic: 'Greedy, but how well the text fits the input and how little it repeats count as much as probability.',
  'guided-beam': 'A beam search in which the fit of the text to the input is part of every score.',
  rounds: 'Writes whole captions, keeps those that fit best, gives each a new end, and so on.',
};

/** A caption's options follow the authors' code where `mode` names it. */
const own: When = { mode: ['studio', undefined] };
const by = (...names: (typeof searches)[number][]): When[] => [{ search: names }];
const byOrRounds = (...names: (typeof searches)[number][]): When[] => [{ search: [...names, 'rounds'] }];
/** What CoCa's authors' sampling leaves open. */
const openClipSampling = (...kinds: string[]): When => ({ mode: kinds.map((kind) => `open_clip-3.3.0-${kind}`) });

/** Options that every decoder with a step model shares; `when` says what `chosen` below reads. */
export const searchOptions: readonly OptionSpec[] = [
  {
    kind: 'choice',
    name: 'search',
    title: 'Search',
    basic: true,
    help: "How captions are looked for; clipcap-beam is ClipCap's own, with its quirks; magic and guided-beam let the joint embedding take part.",
    default: 'beam',
    choices: searches,
    does: searchDoes,
    when: [own],
  },
  {
    kind: 'number',
    name: 'beam',
    title: 'Beams',
    basic: true,
    help: 'Captions kept alive at once.',
    default: 5,
    min: 1,
    max: 32,
    integer: true,
    when: by('beam', 'clipcap-beam', 'guided-beam'),
  },
  {
    kind: 'number',
    name: 'lengthPenalty',
    title: 'Length penalty',
    help: 'Exponent of the length normalisation: 0 favours short captions, 1 long ones.',
    default: 0.7,
    min: 0,
    max: 2,
    when: byOrRounds('beam', 'guided-beam'),
  },
  {
    kind: 'number',
    name: 'maxTokens',
    title: 'Longest caption',
    basic: true,
    help: 'Longest caption in tokens.',
    default: 24,
    min: 1,
    max: 48,
    integer: true,
    when: [own],
  },
  {
    kind: 'number',
    name: 'minTokens',
    title: 'Shortest caption',
    help: 'Shortest caption in tokens.',
    default: 3,
    min: 0,
    max: 24,
    integer: true,
    when: byOrRounds('beam', 'greedy', 'sample', 'guided-beam'),
  },
  {
    kind: 'number',
    name: 'noRepeat',
    title: 'No repeats',
    help: 'No sequence of this many tokens occurs twice; 1 forbids only the same token twice in a row, 0 nothing.',
    default: 2,
    min: 0,
    max: 6,
    integer: true,
    when: byOrRounds('beam', 'greedy', 'sample', 'guided-beam'),
  },
  {
    kind: 'number',
    name: 'temperature',
    title: 'Temperature',
    basic: true,
    help: 'Of sampling: below 1 bolder, above 1 more varied.',
    default: 1,
    min: 0.05,
    max: 5,
    when: [...byOrRounds('sample'), openClipSampling('top-p', 'top-k')],
  },
  {
    kind: 'number',
    name: 'topK',
    title: 'Likeliest tokens, how many',
    help: 'Of sampling: only the k likeliest tokens; 0 is all.',
    default: 50,
    min: 0,
    max: 50000,
    integer: true,
    when: [...byOrRounds('sample'), openClipSampling('top-k')],
  },
  {
    kind: 'number',
    name: 'topP',
    title: 'Likeliest tokens, what share',
    help: 'Of sampling: only the likeliest tokens that together reach this probability.',
    default: 0.9,
    min: 0.01,
    max: 1,
    when: [...byOrRounds('sample'), openClipSampling('top-p')],
  },
  {
    kind: 'number',
    name: 'samples',
    title: 'Captions drawn',
    help: 'Of sampling: captions drawn.',
    default: 5,
    min: 1,
    max: 64,
    integer: true,
    when: [...byOrRounds('sample'), openClipSampling('top-p', 'top-k')],
  },
  {
    kind: 'number',
    name: 'seed',
    title: 'Seed',
    basic: true,
    help: 'Makes sampling and noise repeatable.',
    default: 0,
    min: 0,
    max: 2 ** 31,
    integer: true,
    when: [
      ...byOrRounds('sample'),
      openClipSampling('top-p', 'top-k'),
      { noiseVariance: 'above 0' },
      { noisySamples: 'above 0' },
    ],
  },
  {
    kind: 'number',
    name: 'candidates',
    title: 'Candidates of a step',
    help: 'Of guided-beam and magic: tokens proposed for each beam and scored by the joint embedding.',
    default: 16,
    min: 1,
    max: 64,
    integer: true,
    when: by('magic', 'guided-beam'),
  },
  {
    kind: 'number',
    name: 'guidance',
    title: 'Say of the joint embedding',
    basic: true,
    help: 'Of guided-beam and magic: weight of the joint embedding.',
    default: 7,
    min: 0,
    max: 100,
    when: byOrRounds('magic', 'guided-beam'),
  },
  {
    kind: 'number',
    name: 'degeneration',
    title: 'Penalty on repetition',
    help: 'Of magic: penalty on tokens whose state repeats an earlier one.',
    default: 0.1,
    min: 0,
    max: 1,
    when: by('magic'),
  },
];

/** Searches that leave several captions which the joint embedding has not guided yet. */
export const rankable = ['beam', 'sample', 'clipcap-beam'] as const;

/** Of every decoder whose search does not score by the joint embedding already. */
export const jointRerankOption: OptionSpec = {
  kind: 'number',
  name: 'jointRerank',
  title: 'Rank captions by the joint embedding',
  help: 'Say of the joint embedding when the finished captions are ranked: the cosine of caption and input, times this, is added to each score; 0 leaves the order of the search.',
  default: 0,
  min: 0,
  max: 50,
  when: by(...rankable),
};

/** What every decoder can tell of itself; off by default, because it costs runs of its own. */
export const viewOptions: readonly OptionSpec[] = [
  {
    kind: 'tokens',
    name: 'prefixTokens',
    title: 'Given beginning',
    help: 'Tokens that the caption must begin with, e.g. a branch from an alternative.',
    default: [],
    max: 47,
  },
  {
    kind: 'boolean',
    name: 'cosineTrace',
    title: 'Trace the cosine',
    help: 'Also scores the unfinished caption against the input after every token (one run of the text tower each).',
    default: false,
  },
  {
    kind: 'boolean',
    name: 'insight',
    title: 'Tell what lies behind',
    help: "Also tells what lies behind the caption: nearest words of the prefix, or the image's cells that CoCa looked at.",
    default: false,
  },
];

/** Whether the search that the options name optimises the cosine that the lane reports. */
export function isGuided(modes: readonly PublishedMode[], options: OptionValues): boolean {
  const { search: chosenSearch } = withMode(modes, options);
  return chosenSearch === 'magic' || chosenSearch === 'guided-beam';
}

/** Weight of the joint embedding among the finished captions; the authors' own decoding knows none. */
const jointWeight = (modes: readonly PublishedMode[], options: OptionValues): number =>
  !publishedMode(modes, options) && rankable.some((name) => name === options.search) ? Number(options.jointRerank) : 0;

/** What a decoder answers with: the captions of its search, ranked again where `jointRerank` asks for it. */
export async function ranked(
  found: Found[],
  options: OptionValues,
  { modes, scorer }: DecoderContext,
): Promise<DecoderOutput> {
  const weight = jointWeight(modes, options);
  if (!weight) return { found, optimised: isGuided(modes, options) };
  // An empty caption says nothing about any input.
  const worded = found.filter(({ caption }) => caption);
  const cosines = await scorer.score(worded.map(({ caption }) => caption));
  const scores = new Map(worded.map((one, i) => [one, one.score + weight * cosines[i]!]));
  return {
    found: found.map((one) => ({ ...one, score: scores.get(one) ?? one.score })).sort((a, b) => b.score - a.score),
    optimised: true,
  };
}

/**
 * The embedding as a decoder's weights read it. A raw one can be made unit; the length that a unit one has lost cannot
 * be given back.
 * @throws embedding-mismatch
 */
export function accepted(embedding: Embedding, { family, decoder }: DecoderContext): Embedding {
  if (family.manifest.decoders[decoder]?.input !== 'raw') return unit(embedding);
  if (embedding.state === 'raw') return embedding;
  throw new StudioError(
    'embedding-mismatch',
    `${decoder} of ${family.name} was trained on raw embeddings of ${embedding.space}, as the image tower gives them, and this one has ` +
      `norm 1: its length is lost, and captions from it would be silently bad. Give it the photo, an embedding that was not normalised, or use a decoder that reads unit embeddings.`,
  );
}

/** Runs a mapper: embedding [dim] → prefix [slots, width]. */
export async function mapToPrefix(
  embedding: Embedding,
  mapper: GraphName,
  { family, device }: DecoderContext,
): Promise<Float32Array> {
  const runner = device.at('map');
  const session = await family.session(mapper);
  const input = family.runtime.tensor('float32', embedding.values, [1, embedding.values.length]);
  try {
    const outputs = await runner.run(session, { embedding: input });
    const prefix = Float32Array.from((await outputs.prefix!.read()) as Float32Array);
    for (const tensor of Object.values(outputs)) tensor.dispose();
    return prefix;
  } finally {
    input.dispose();
  }
}

/** The step model of a graph of this family, by the language model of a decoder. */
export async function stepModel(
  graph: GraphName,
  prompt: Prompt,
  { family, device, decoder }: DecoderContext,
): Promise<GraphStepModel> {
  const languageModel = family.languageModel(decoder);
  const shape = { ...languageModel, endToken: languageModel.eos };
  return new GraphStepModel(
    await family.session(graph),
    family.runtime,
    { prefill: device.at('prefill'), step: device.at('step') },
    shape,
    prompt,
  );
}

/** Walks a model by the search that the options name, and frees its cache whatever happens. */
export async function* search(
  model: StepModel,
  given: OptionValues,
  context: DecoderContext,
): AsyncGenerator<DecoderEvent, Found[], void> {
  const mode = publishedMode(context.modes, given);
  const options = withMode(context.modes, given);
  const tokenizer = await context.family.tokenizer(context.family.languageModel(context.decoder).tokenizer);
  const start = performance.now();
  const input: SearchInput = {
    model,
    text: mode ? { decode: (ids) => mode.text(tokenizer, ids), token: (id) => tokenizer.token(id) } : tokenizer,
    similarity: (captions) => context.scorer.score(captions),
    maxTokens: Number(options.maxTokens),
    alternatives: 8,
    forcedTokens: context.prefixTokens.length ? context.prefixTokens : undefined,
    lane: context.lane,
  };
  try {
    const found = yield* chosen(input, options, context, mode);
    yield { type: 'stage', lane: context.lane, stage: 'decode', ms: performance.now() - start };
    return found;
  } finally {
    model.dispose();
  }
}

function chosen(
  input: SearchInput,
  options: OptionValues,
  { scorer }: DecoderContext,
  mode: PublishedMode | undefined,
): Search {
  if (mode?.walk) return mode.walk(input, options);
  const number = (name: string) => Number(options[name]);
  const rules = { minTokens: number('minTokens'), noRepeat: number('noRepeat') };
  const follow = (captions: readonly string[]) => scorer.follow(captions);
  switch (options.search) {
    case 'greedy':
      return beamSearch(input, { ...rules, beam: 1, lengthPenalty: number('lengthPenalty') });
    case 'sample':
      return sample(input, {
        ...rules,
        temperature: number('temperature'),
        topK: number('topK'),
        topP: number('topP'),
        seed: number('seed'),
        samples: number('samples'),
      });
    case 'clipcap-beam':
      return clipcapBeam(input, {
        beam: number('beam'),
        stopToken: input.model.endToken,
        keepStop: mode !== undefined,
      });
    case 'published-greedy':
      return publishedGreedy(input, { stopToken: input.model.endToken });
    case 'magic':
      return magic(input, {
        candidates: number('candidates'),
        alpha: number('degeneration'),
        beta: number('guidance'),
        logitScale: 100,
        follow,
      });
    case 'guided-beam':
      return guidedBeam(input, {
        ...rules,
        beam: number('beam'),
        candidates: number('candidates'),
        lengthPenalty: number('lengthPenalty'),
        guidance: number('guidance'),
        follow,
      });
    default:
      return beamSearch(input, { ...rules, beam: number('beam'), lengthPenalty: number('lengthPenalty') });
  }
}
