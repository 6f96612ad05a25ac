// For tests: a sixth decoder, made up, as a folder holds one. It is of the kind of ViECap's (a soft prompt that a
// mapper makes of the embedding, then a hard one that names what was retrieved), so the contract carries that.
import {
  mapToPrefix,
  ranked,
  jointRerankOption,
  search,
  searchOptions,
  stepModel,
  viewOptions,
} from '../decoders/prefix';
import { prefixGraphs } from '../decoders/prefix-graphs';
import { searchPresets } from '../decoders/presets';
import { modeOption } from '../decoders/published';
import type { PublishedMode } from '../decoders/published-mode';
import { huggingFaceText } from '../decoders/published-text';
import type { Decoder } from '../decoders/types';
import { publishedGreedy } from '../search/published-greedy';
import { unit } from '../spaces/embedding';
import { type Entities, entities } from './entities';
import { namerNetworks } from './networks';
import { namerWords } from './words';

const graphs = prefixGraphs('namer');
const modes: readonly PublishedMode[] = [
  {
    name: 'namer-1',
    does: 'greedy, six tokens',
    search: 'namer-greedy',
    maxTokens: 6,
    text: huggingFaceText,
    walk: (input) => publishedGreedy(input, { stopToken: input.model.endToken }),
  },
];

export const namer: Decoder = {
  ...namerWords,
  needsGrid: false,
  graphs: Object.values(graphs),
  networks: namerNetworks,
  assets: [entities],
  modes,
  options: [
    ...searchOptions,
    jointRerankOption,
    modeOption(modes),
    {
      kind: 'number',
      name: 'named',
      title: 'Things named',
      help: 'Things that are named before the caption.',
      default: 2,
      min: 0,
      max: 3,
      integer: true,
    },
    ...viewOptions,
  ],
  presets: [{ name: 'Without names', help: 'The soft prompt alone.', options: { named: 0 } }, ...searchPresets],
  pageDefaults: { named: 1 },
  async *run({ embedding }, options, context) {
    const { family, decoder, lane } = context;
    const start = performance.now();
    const input = unit(embedding);
    const tokenizer = await family.tokenizer(family.languageModel(decoder).tokenizer);
    const names = nearest(input.values, await family.asset(entities), Number(options.named));
    const ids = names.length ? tokenizer.encode(`there are ${names.join(' and ')} in the image`) : [];
    const prefix = await mapToPrefix(input, graphs.mapper, context);
    yield { type: 'stage', lane, stage: 'map', ms: performance.now() - start };
    const found = yield* search(await stepModel(graphs.lm, { prefix, ids }, context), options, context);
    return ranked(found, options, context);
  },
};

function nearest(values: Float32Array, { embeddings, names }: Entities, count: number): string[] {
  const cosines = names.map((name, row) => ({
    name,
    cosine: values.reduce((sum, value, i) => sum + value * embeddings[row * values.length + i]!, 0),
  }));
  return cosines
    .sort((a, b) => b.cosine - a.cosine)
    .slice(0, count)
    .map(({ name }) => name);
}
