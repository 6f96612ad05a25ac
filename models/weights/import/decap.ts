import type { decapNetworks } from '../../decoders/decap/networks';
import { prefixGraphs } from '../../decoders/prefix-graphs';
import { StudioError } from '../../errors';
import { readCheckpoint, renamed } from '../../files/checkpoint';
import type { LanguageModel } from '../../manifest';
import { writeMemory } from './decap-memory';
import { readGpt2 } from './gpt2';
import { captionsRole, embeddingsRole, weightsRole } from './roles';
import { copied, dimOf } from './tensors';
import type { ImportKind } from './types';
import { unwrapped } from './wrappers';

const source = 'dhg-wei/DeCap at 1c26934';
const graphs = prefixGraphs('decap');
const linear: keyof typeof decapNetworks = 'decap-linear';

export const decapKind: ImportKind = {
  id: 'decap',
  title: 'DeCap',
  goodAt: 'Captions in the words of any list of sentences: the memory can be of your own field.',
  adds: 'decoder',
  dims: [512],
  files: [embeddingsRole, weightsRole('weights of DeCap (coco_prefix-009.pt)'), captionsRole],
  options: [
    {
      name: 'memoryRows',
      help: 'Captions that are taken for the memory, evenly spread over the list; 0 is all. A caption that the list repeats is one row that weighs as often. The authors take 500,000; 50,000 are embedded in minutes.',
      default: 0,
    },
  ],
  licence: 'none stated (dhg-wei/DeCap has no licence file)',
  source,
  published: [
    {
      name: 'decap-coco',
      title: 'DeCap, COCO captions',
      files: [],
      needs: 'clip-vit-b32',
      licence: 'none stated by the authors',
      licenceAt: 'https://github.com/dhg-wei/DeCap',
      page: 'https://github.com/dhg-wei/DeCap',
      note:
        "On the authors' Drive only: download coco_prefix-009.pt and the captions by hand, then import both. " +
        "A published memory (hub JoeyZoZ/MeaCap, memory/coco) can take the captions' place: give memory_captions.json and memory_clip_embeddings.pt.",
    },
  ],
  shapes: [
    'clip_project.model.0.weight [768, 512]',
    'decoder.transformer.wte.weight [50257, 768]',
    'decoder.transformer.h.0.attn.c_attn.weight [768, 2304]',
  ],
  async run(context) {
    const { files, base, writer } = context;
    const what = 'DeCap';
    const weights = unwrapped(readCheckpoint(files.weights!), ['clip_project.model.0.weight'], what);
    const checkpoint = renamed(weights, (name) => name.replace(/^decoder\./, ''));
    const width = dimOf(checkpoint, 'transformer.wte.weight', 1, what);
    const dim = dimOf(checkpoint, 'clip_project.model.0.weight', 1, what);
    const mapper = new Map<string, readonly number[]>([
      ['clip_project.model.0.weight', [width, dim]],
      ['clip_project.model.0.bias', [width]],
    ]);
    const { sizes, tensors } = readGpt2(checkpoint, what, mapper);
    if (dim !== base!.space.dim)
      throw new StudioError(
        'embedding-mismatch',
        `DeCap here reads embeddings of ${dim} values, and the space ${base!.space.name} of ${base!.family} has ${base!.space.dim}. Spaces do not mix.`,
      );
    if (sizes.layers !== 4 || width !== 768)
      throw new StudioError(
        'weights-invalid',
        `This is no DeCap: its decoder has ${sizes.layers} layers of width ${width}; expected 4 of 768 (decoder_config.pkl).`,
      );
    const memory = await writeMemory(context);
    await writer.tensors(
      'decapMapper',
      'decap-mapper.safetensors',
      [...mapper.keys()].map((name) => copied(checkpoint, name)),
    );
    await writer.tensors('decapLm', 'decap-lm.safetensors', tensors);
    // Four heads of 192, and CLIP's tokens: the rows beyond 49,408 of its table were never trained.
    const shape = { ...sizes, heads: 4 };
    const languageModel: LanguageModel = { ...shape, bos: 49406, eos: 49407, tokenizer: base!.space.text.tokenizer };
    return {
      graphs: {
        [graphs.mapper]: { network: linear, files: ['decapMapper'], settings: { dim, width } },
        [graphs.lm]: { network: 'gpt2', files: ['decapLm'], settings: shape },
      },
      // It was trained to say the begin token first.
      decoders: {
        decap: {
          input: 'unit',
          languageModel,
          begin: [49406],
          prefix: 1,
          memory: memory.rows,
          source,
          defaults: { beam: 5, maxTokens: 20, lengthPenalty: 0.7, tau: 0.01 },
        },
      },
      licence: 'DeCap: none stated by its authors',
      trainedOn: `DeCap on captions only; a memory of ${memory.captions} captions, ${memory.rows} of them distinct`,
      source,
    };
  },
};
