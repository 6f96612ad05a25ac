import { offsetFile } from '../../decoders/capdec/offset';
import type { clipcapNetworks } from '../../decoders/clipcap/networks';
import { prefixGraphs } from '../../decoders/prefix-graphs';
import { StudioError } from '../../errors';
import { type Checkpoint } from '../../files/types';
import { readCheckpoint, renamed } from '../../files/checkpoint';
import { readOffset } from './offset';
import { gpt2LanguageModel, readGpt2 } from './gpt2';
import { gpt2TokenizerRole, offsetRole, weightsRole } from './roles';
import { copied, countBlocks, dimOf, floats } from './tensors';
import { gpt2Tokenizer } from './tokenizers';
import type { ImportContext, ImportedPart, ImportKind } from './types';
import { unwrapped } from './wrappers';

/** Token "." of GPT-2: the only end that ClipCap was trained with. */
const fullStop = 13;
const heads = 12;
const mlp = 'clip_project.model';
const linear = 'clip_project.linear';

type MapperNetwork = keyof typeof clipcapNetworks;

/** The mapper's kind, sizes and tensors. @throws weights-invalid */
function mapperOf(
  checkpoint: Checkpoint,
  width: number,
  what: string,
): { network: MapperNetwork; settings: Record<string, number>; shapes: Map<string, readonly number[]> } {
  const shapes = new Map<string, readonly number[]>();
  const set = (stem: string, out: number, inputs: number, bias = true) => {
    shapes.set(`${stem}.weight`, [out, inputs]);
    if (bias) shapes.set(`${stem}.bias`, [out]);
  };
  if (checkpoint.has(`${mlp}.2.weight`)) {
    const dim = dimOf(checkpoint, `${mlp}.0.weight`, 1, what);
    const prefix = dimOf(checkpoint, `${mlp}.2.weight`, 0, what) / width;
    if (!Number.isInteger(prefix) || prefix < 2 || prefix % 2)
      throw new StudioError(
        'weights-invalid',
        `This is no ${what}: its mapper gives ${prefix * width} values, which are not an even number of slots of ${width}.`,
      );
    set(`${mlp}.0`, (width * prefix) / 2, dim);
    set(`${mlp}.2`, width * prefix, (width * prefix) / 2);
    return { network: 'clipcap-mlp', settings: { dim, prefix, width }, shapes };
  }
  const dim = dimOf(checkpoint, `${linear}.weight`, 1, what);
  const spread = dimOf(checkpoint, `${linear}.weight`, 0, what) / width;
  const prefix = dimOf(checkpoint, 'clip_project.prefix_const', 0, what);
  const layers = countBlocks(checkpoint, 'clip_project.transformer.layers');
  set(linear, spread * width, dim);
  shapes.set('clip_project.prefix_const', [prefix, width]);
  for (let layer = 0; layer < layers; layer++) {
    const stem = `clip_project.transformer.layers.${layer}`;
    for (const norm of ['norm1', 'norm2'])
      shapes.set(`${stem}.${norm}.weight`, [width]).set(`${stem}.${norm}.bias`, [width]);
    set(`${stem}.attn.to_queries`, width, width, false);
    set(`${stem}.attn.to_keys_values`, 2 * width, width, false);
    set(`${stem}.attn.project`, width, width);
    set(`${stem}.mlp.fc1`, 2 * width, width);
    set(`${stem}.mlp.fc2`, width, 2 * width);
  }
  return { network: 'clipcap-transformer', settings: { dim, spread, prefix, width, layers }, shapes };
}

type Flavour = {
  decoder: 'clipcap' | 'capdec';
  title: string;
  network?: MapperNetwork;
  input: 'raw' | 'unit';
  source: string;
  licence: string;
  trainedOn: string;
  defaults: Record<string, number | boolean | string>;
};

async function importPrefixModel({ files, base, writer }: ImportContext, flavour: Flavour): Promise<ImportedPart> {
  const { decoder, title } = flavour;
  const landmarks = [`${mlp}.0.weight`, `${linear}.weight`];
  const checkpoint = renamed(unwrapped(readCheckpoint(files.weights!), landmarks, title), (name) =>
    name.replace(/^gpt\./, ''),
  );
  const width = dimOf(checkpoint, 'transformer.wte.weight', 1, title);
  const mapper = mapperOf(checkpoint, width, title);
  const { sizes, tensors } = readGpt2(checkpoint, title, mapper.shapes);
  if (sizes.width !== 768 || sizes.vocabulary !== 50257)
    throw new StudioError(
      'weights-invalid',
      `This is no ${title}: its language model has width ${sizes.width} and ${sizes.vocabulary} tokens; GPT-2 small has 768 and 50257.`,
    );
  if (flavour.network && flavour.network !== mapper.network)
    throw new StudioError(
      'weights-invalid',
      `This is no ${title}: its mapper is ${mapper.network === 'clipcap-mlp' ? 'an MLP. Import it as clipcap-mlp' : 'a transformer. Import it as clipcap-transformer, or as capdec if it is CapDec'}.`,
    );
  const { dim } = mapper.settings;
  if (base && dim !== base.space.dim)
    throw new StudioError(
      'embedding-mismatch',
      `${title} here reads embeddings of ${dim} values, and the space ${base.space.name} of ${base.family} has ${base.space.dim}. ` +
        `Spaces do not mix: ${dim === 640 ? 'its space is clip-rn50x4' : dim === 512 ? 'its space is clip-vit-b32' : `choose a family of a space of ${dim}`}.`,
    );
  const tokenizer = await gpt2Tokenizer(files.tokenizer!);
  const offset = files.offset ? readOffset(files.offset[0]!, dim!) : undefined;
  await writer.tensors(
    `${decoder}Mapper`,
    `${decoder}-mapper.safetensors`,
    [...mapper.shapes.keys()].map((name) => copied(checkpoint, name)),
  );
  await writer.tensors(`${decoder}Lm`, `${decoder}-lm.safetensors`, tensors);
  if (offset) await writer.tensors(offsetFile, 'capdec-offset.safetensors', [floats('offset', [dim!], offset)]);
  await writer.bytes('gpt2Tokenizer', 'gpt2-tokenizer.json', tokenizer);
  const shape = { ...sizes, heads };
  const graphs = prefixGraphs(decoder);
  return {
    graphs: {
      [graphs.mapper]: { network: mapper.network, files: [`${decoder}Mapper`], settings: mapper.settings },
      [graphs.lm]: { network: 'gpt2', files: [`${decoder}Lm`], settings: shape },
    },
    decoders: {
      [decoder]: {
        input: flavour.input,
        languageModel: gpt2LanguageModel(shape, fullStop),
        prefix: mapper.settings.prefix,
        source: flavour.source,
        defaults: flavour.defaults,
      },
    },
    licence: flavour.licence,
    trainedOn: flavour.trainedOn,
    source: flavour.source,
  };
}

const defaults = { beam: 5, maxTokens: 32, lengthPenalty: 0.7 };
const clipcapSource = 'rmokady/CLIP_prefix_caption at 1ad805a';
const clipcapLicence = 'MIT (ClipCap)';
const gpt2Files = [{ repository: 'openai-community/gpt2', path: 'tokenizer.json' }];
const clipcapPage = 'https://github.com/rmokady/CLIP_prefix_caption';
const capdecPage = 'https://github.com/DavidHuji/CapDec';
/** Both files of the authors' Drive lie in one more repository, under another ending. */
const mirrored = (repository: string, path: string) => ({
  repository,
  path,
  mirrors: [{ repository: 'Manbehindthemadness/conceptual_coco', path: path.replace(/pt$/, 'pth') }],
});
const shared = { adds: 'decoder', options: [] } as const;

export const clipcapKinds: readonly ImportKind[] = [
  {
    ...shared,
    id: 'clipcap-mlp',
    title: 'ClipCap (MLP, fine-tuned GPT-2)',
    goodAt: "Fluent captions in COCO's style; reads raw embeddings of CLIP ViT-B/32.",
    dims: [512],
    files: [weightsRole('weights of ClipCap (coco_weights.pt, conceptual_weights.pt)'), gpt2TokenizerRole],
    licence: clipcapLicence,
    source: clipcapSource,
    published: [
      {
        name: 'clipcap-coco',
        title: 'ClipCap MLP, COCO',
        files: [mirrored('akhaliq/CLIP-prefix-captioning-COCO-weights', 'coco_weights.pt'), ...gpt2Files],
        needs: 'clip-vit-b32',
        licence: clipcapLicence,
        licenceAt: clipcapPage,
        page: clipcapPage,
        note: "Mirrors of the authors' Drive file by third parties.",
        elsewhere: `Its authors keep it on a Drive that the README of ${clipcapPage} links.`,
      },
      {
        name: 'clipcap-cc3m',
        title: 'ClipCap MLP, Conceptual Captions',
        files: [mirrored('akhaliq/CLIP-prefix-captioning-conceptual-weights', 'conceptual_weights.pt'), ...gpt2Files],
        needs: 'clip-vit-b32',
        licence: clipcapLicence,
        licenceAt: clipcapPage,
        page: clipcapPage,
        note: "Mirrors of the authors' Drive file by third parties.",
        elsewhere: `Its authors keep it on a Drive that the README of ${clipcapPage} links.`,
      },
    ],
    shapes: [
      'clip_project.model.0.weight [3840, 512]',
      'clip_project.model.2.weight [7680, 3840]',
      'gpt.transformer.wte.weight [50257, 768]',
    ],
    run: (context) =>
      importPrefixModel(context, {
        decoder: 'clipcap',
        title: 'ClipCap (MLP)',
        network: 'clipcap-mlp',
        input: 'raw',
        source: clipcapSource,
        licence: clipcapLicence,
        trainedOn: 'ClipCap on COCO or Conceptual Captions (images and captions)',
        defaults,
      }),
  },
  {
    ...shared,
    id: 'clipcap-transformer',
    title: 'ClipCap (Transformer, frozen GPT-2)',
    goodAt: 'The better of the published ClipCaps; reads unit embeddings of CLIP RN50x4 (640 dimensions).',
    dims: [640, 512],
    files: [weightsRole('weights of ClipCap with the transformer mapper'), gpt2TokenizerRole],
    licence: clipcapLicence,
    source: clipcapSource,
    published: [
      {
        name: 'clipcap-transformer-coco',
        title: 'ClipCap Transformer, COCO',
        files: [],
        needs: 'clip-rn50x4',
        licence: clipcapLicence,
        licenceAt: clipcapPage,
        page: clipcapPage,
        note: "On the authors' Drive only (linked from the page): download it by hand, then import it with GPT-2's tokenizer.json.",
      },
    ],
    shapes: [
      'clip_project.linear.weight [30720, 640]',
      'clip_project.prefix_const [40, 768]',
      'gpt.transformer.wte.weight [50257, 768]',
    ],
    run: (context) =>
      importPrefixModel(context, {
        decoder: 'clipcap',
        title: 'ClipCap (Transformer)',
        network: 'clipcap-transformer',
        input: 'unit',
        source: clipcapSource,
        licence: clipcapLicence,
        trainedOn: 'ClipCap on COCO (images and captions)',
        defaults,
      }),
  },
  {
    ...shared,
    id: 'capdec',
    title: 'CapDec',
    goodAt: 'Captions without having seen a captioned image; reads unit embeddings of CLIP RN50x4 (640 dimensions).',
    dims: [640, 512],
    files: [weightsRole('weights of CapDec (model.pt)'), gpt2TokenizerRole, offsetRole],
    licence: 'none stated by the authors (DavidHuji/CapDec has no licence file); mirrors call it Apache-2.0',
    source: 'DavidHuji/CapDec at 4451bfd',
    published: ['0', '001', '015', '025'].map((noise) => ({
      name: `capdec-coco-${noise}`,
      title: `CapDec, COCO captions, noise variance ${noise === '0' ? '0' : `0.${noise}`}`,
      files: [{ repository: `johko/capdec_${noise}`, path: 'model.pt' }, ...gpt2Files],
      needs: 'clip-rn50x4',
      licence: 'none stated by the authors',
      licenceAt: capdecPage,
      page: capdecPage,
      note: "A mirror by a third party, which may lack this level. The authors keep nine noise levels in a Drive folder that their README links; 0.015 is the nearest to the paper's 0.016, which was not published.",
      elsewhere: `The authors keep their weights (nine noise levels, on COCO and Flickr30k) in a Drive folder that the README of ${capdecPage} links: download the level there and import it with GPT-2's tokenizer.json.`,
    })),
    shapes: [
      'clip_project.linear.weight [30720, 640]',
      'clip_project.prefix_const [40, 768]',
      'gpt.transformer.wte.weight [50257, 768]',
    ],
    run: (context) =>
      importPrefixModel(context, {
        decoder: 'capdec',
        title: 'CapDec',
        input: 'unit',
        source: 'DavidHuji/CapDec at 4451bfd',
        licence: 'CapDec: none stated by its authors',
        trainedOn: 'CapDec on captions only (COCO or Flickr30k)',
        defaults: { ...defaults, useOffset: false },
      }),
  },
];
