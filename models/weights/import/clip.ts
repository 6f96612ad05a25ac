import { StudioError } from '../../errors';
import { type Checkpoint } from '../../files/types';
import { readCheckpoint, renamed } from '../../files/checkpoint';
import type { Manifest } from '../../manifest';
import { clipPhotos } from './clip-photos';
import { clipTokenizerRole, configRole, weightsRole } from './roles';
import { checkTensors, copied, stacked, transposed } from './tensors';
import { clipTokenizer } from './tokenizers';
import type { ImportContext, ImportedPart, ImportKind, OutTensor, PublishedSource } from './types';
import { unwrapped } from './wrappers';

type Tower = {
  image: { size: number; patch?: number; width: number; layers: number | readonly number[]; heads: number };
  text: { width: number; layers: number; heads: number };
  dim: number;
};
type Known = { id: string; title: string; goodAt: string; tower: Tower; published: PublishedSource[] };

const context = 77;
const vocabulary = 49408;
const block = ['ln_1.weight', 'ln_1.bias', 'ln_2.weight', 'ln_2.bias'];

/** Tensors of a transformer of OpenAI's CLIP. */
function transformer(into: Map<string, readonly number[]>, stem: string, width: number, layers: number): void {
  for (let layer = 0; layer < layers; layer++) {
    const at = `${stem}.resblocks.${layer}`;
    for (const part of block) into.set(`${at}.${part}`, [width]);
    into.set(`${at}.attn.in_proj_weight`, [3 * width, width]).set(`${at}.attn.in_proj_bias`, [3 * width]);
    into.set(`${at}.attn.out_proj.weight`, [width, width]).set(`${at}.attn.out_proj.bias`, [width]);
    into.set(`${at}.mlp.c_fc.weight`, [4 * width, width]).set(`${at}.mlp.c_fc.bias`, [4 * width]);
    into.set(`${at}.mlp.c_proj.weight`, [width, 4 * width]).set(`${at}.mlp.c_proj.bias`, [width]);
  }
}

/** Every tensor of a CLIP by its OpenAI name, with its shape. */
export function clipShapes({ image, text, dim }: Tower): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  if (image.patch !== undefined) {
    const { width, patch } = image;
    shapes
      .set('visual.class_embedding', [width])
      .set('visual.positional_embedding', [(image.size / patch) ** 2 + 1, width])
      .set('visual.conv1.weight', [width, 3, patch, patch])
      .set('visual.proj', [width, dim]);
    for (const norm of ['ln_pre', 'ln_post'])
      shapes.set(`visual.${norm}.weight`, [width]).set(`visual.${norm}.bias`, [width]);
    transformer(shapes, 'visual.transformer', width, image.layers as number);
  } else resnetShapes(shapes, image.width, image.layers as readonly number[], image.size, dim);
  shapes
    .set('token_embedding.weight', [vocabulary, text.width])
    .set('positional_embedding', [context, text.width])
    .set('ln_final.weight', [text.width])
    .set('ln_final.bias', [text.width])
    .set('text_projection', [text.width, dim]);
  transformer(shapes, 'transformer', text.width, text.layers);
  return shapes;
}

function resnetShapes(
  shapes: Map<string, readonly number[]>,
  width: number,
  layers: readonly number[],
  size: number,
  dim: number,
): void {
  const convolution = (weight: string, norm: string, dims: readonly number[]) => {
    shapes.set(`${weight}.weight`, dims);
    for (const part of ['weight', 'bias', 'running_mean', 'running_var']) shapes.set(`${norm}.${part}`, [dims[0]!]);
  };
  convolution('visual.conv1', 'visual.bn1', [width / 2, 3, 3, 3]);
  convolution('visual.conv2', 'visual.bn2', [width / 2, width / 2, 3, 3]);
  convolution('visual.conv3', 'visual.bn3', [width, width / 2, 3, 3]);
  let channels = width;
  layers.forEach((count, stage) => {
    const planes = width * 2 ** stage;
    for (let n = 0; n < count; n++) {
      const stem = `visual.layer${stage + 1}.${n}`;
      convolution(`${stem}.conv1`, `${stem}.bn1`, [planes, channels, 1, 1]);
      convolution(`${stem}.conv2`, `${stem}.bn2`, [planes, planes, 3, 3]);
      convolution(`${stem}.conv3`, `${stem}.bn3`, [4 * planes, planes, 1, 1]);
      if (n === 0) convolution(`${stem}.downsample.0`, `${stem}.downsample.1`, [4 * planes, channels, 1, 1]);
      channels = 4 * planes;
    }
  });
  const pool = 'visual.attnpool';
  shapes.set(`${pool}.positional_embedding`, [(size / 32) ** 2 + 1, channels]);
  for (const part of ['q_proj', 'k_proj', 'v_proj'])
    shapes.set(`${pool}.${part}.weight`, [channels, channels]).set(`${pool}.${part}.bias`, [channels]);
  shapes.set(`${pool}.c_proj.weight`, [dim, channels]).set(`${pool}.c_proj.bias`, [dim]);
}

/**
 * Left in checkpoints and of no use here: OpenAI's archive keeps its sizes as tensors, old Hugging Face files their
 * position ids.
 */
const leftovers =
  /(^|\.)(input_resolution|context_length|vocab_size|logit_scale|logit_bias|position_ids|num_batches_tracked|attn_mask)$/;

/** Tensors of a checkpoint under OpenAI's names, whichever of the three layouts it has. @throws weights-invalid */
export function clipTensors(checkpoint: Checkpoint, tower: Tower, what: string): Map<string, OutTensor> {
  const plain = unwrapped(checkpoint, ['visual.conv1.weight', 'vision_model.embeddings.class_embedding'], what);
  if (plain.has('vision_model.embeddings.class_embedding')) return huggingFaceTensors(plain, tower, what);
  const open = renamed(plain, (name) =>
    name.replace(/^text\.(?=(token_embedding|positional_embedding|transformer|ln_final|text_projection))/, ''),
  );
  const shapes = clipShapes(tower);
  checkTensors(open, shapes, leftovers, what);
  return new Map([...shapes.keys()].map((name) => [name, copied(open, name)]));
}

function huggingFaceTensors(checkpoint: Checkpoint, tower: Tower, what: string): Map<string, OutTensor> {
  const { image, text, dim } = tower;
  const out = new Map<string, OutTensor>();
  const expected = new Map<string, readonly number[]>();
  const take = (
    key: string,
    dims: readonly number[],
    as: string,
    change: (tensor: OutTensor) => OutTensor = (tensor) => tensor,
  ) => {
    expected.set(key, dims);
    if (checkpoint.has(key)) out.set(as, { ...change(copied(checkpoint, key, as)), name: as });
  };
  const pair = (key: string, width: number, as: string) =>
    ['weight', 'bias'].forEach((part) => take(`${key}.${part}`, [width], `${as}.${part}`));
  const layers = (key: string, as: string, width: number, count: number) => {
    for (let layer = 0; layer < count; layer++) {
      const [from, to] = [`${key}.${layer}`, `${as}.resblocks.${layer}`];
      pair(`${from}.layer_norm1`, width, `${to}.ln_1`);
      pair(`${from}.layer_norm2`, width, `${to}.ln_2`);
      for (const part of ['weight', 'bias']) {
        const keys = ['q_proj', 'k_proj', 'v_proj'].map((name) => `${from}.self_attn.${name}.${part}`);
        keys.forEach((name) => expected.set(name, part === 'weight' ? [width, width] : [width]));
        if (keys.every((name) => checkpoint.has(name)))
          out.set(
            `${to}.attn.in_proj_${part}`,
            stacked(
              `${to}.attn.in_proj_${part}`,
              keys.map((name) => copied(checkpoint, name)),
            ),
          );
      }
      take(`${from}.self_attn.out_proj.weight`, [width, width], `${to}.attn.out_proj.weight`);
      take(`${from}.self_attn.out_proj.bias`, [width], `${to}.attn.out_proj.bias`);
      take(`${from}.mlp.fc1.weight`, [4 * width, width], `${to}.mlp.c_fc.weight`);
      take(`${from}.mlp.fc1.bias`, [4 * width], `${to}.mlp.c_fc.bias`);
      take(`${from}.mlp.fc2.weight`, [width, 4 * width], `${to}.mlp.c_proj.weight`);
      take(`${from}.mlp.fc2.bias`, [width], `${to}.mlp.c_proj.bias`);
    }
  };
  const patch = image.patch;
  if (patch === undefined)
    throw new StudioError(
      'weights-invalid',
      `This is no ${what}: Hugging Face has no layout for CLIP's ResNets. Take OpenAI's RN50x4.pt or open_clip's file.`,
    );
  take('vision_model.embeddings.class_embedding', [image.width], 'visual.class_embedding');
  take('vision_model.embeddings.patch_embedding.weight', [image.width, 3, patch, patch], 'visual.conv1.weight');
  take(
    'vision_model.embeddings.position_embedding.weight',
    [(image.size / patch) ** 2 + 1, image.width],
    'visual.positional_embedding',
  );
  pair('vision_model.pre_layrnorm', image.width, 'visual.ln_pre'); // spelled so there
  pair('vision_model.post_layernorm', image.width, 'visual.ln_post');
  take('visual_projection.weight', [dim, image.width], 'visual.proj', transposed);
  layers('vision_model.encoder.layers', 'visual.transformer', image.width, image.layers as number);
  take('text_model.embeddings.token_embedding.weight', [vocabulary, text.width], 'token_embedding.weight');
  take('text_model.embeddings.position_embedding.weight', [context, text.width], 'positional_embedding');
  pair('text_model.final_layer_norm', text.width, 'ln_final');
  take('text_projection.weight', [dim, text.width], 'text_projection', transposed);
  layers('text_model.encoder.layers', 'transformer', text.width, text.layers);
  checkTensors(checkpoint, expected, leftovers, what);
  // In the order of the other layouts, so that the same weights make the same files.
  return new Map([...clipShapes(tower).keys()].map((name) => [name, out.get(name)!]));
}

/**
 * The activation: told by an option, by config.json, or OpenAI's own. LAION's weights differ, and nothing in the file
 * says so.
 */
function activationOf({ files, options }: ImportContext): 'gelu' | 'quick-gelu' {
  if (options.activation === 'gelu' || options.activation === 'quick-gelu') return options.activation;
  const file = files.config?.[0];
  if (!file) return 'quick-gelu';
  const text = new TextDecoder().decode(file.source.read(0, Math.min(file.source.size, 1_000_000)));
  if (/"hidden_act"\s*:\s*"gelu"/.test(text)) return 'gelu';
  if (/"hidden_act"\s*:\s*"quick_gelu"|"quick_gelu"\s*:\s*true/.test(text)) return 'quick-gelu';
  return /"model_cfg"/.test(text) ? 'gelu' : 'quick-gelu';
}

async function importClip(context_: ImportContext, { id, title, tower }: Known): Promise<ImportedPart> {
  const { files, writer } = context_;
  const { image, text, dim } = tower;
  const checkpoint = readCheckpoint(files.weights!);
  const tensors = clipTensors(checkpoint, tower, title);
  const tokenizer = await clipTokenizer(files.tokenizer!);
  const of = (visual: boolean) => [...tensors.values()].filter(({ name }) => name.startsWith('visual.') === visual);
  await writer.tensors('clipImage', 'clip-image.safetensors', of(true));
  await writer.tensors('clipText', 'clip-text.safetensors', of(false));
  await writer.bytes('clipTokenizer', 'clip-tokenizer.json', tokenizer);
  const activation = activationOf(context_);
  const resnet = Array.isArray(image.layers)
    ? Object.fromEntries((image.layers as number[]).map((count, i) => [`layers${i + 1}`, count]))
    : undefined;
  const space: Manifest['space'] = {
    // Another activation is another space, though its tensors look alike.
    name: activation === 'gelu' ? `${id}-gelu` : id,
    dim,
    image: clipPhotos(image.size),
    text: {
      context,
      bos: 49406,
      eos: 49407,
      tokenizer: 'clipTokenizer',
      cleaning: context_.options.cleaning === 'plain' ? 'plain' : 'openai',
      tower: text,
    },
  };
  return {
    space,
    graphs: {
      'image-tower': resnet
        ? {
            network: 'clip-resnet',
            files: ['clipImage'],
            settings: { size: image.size, width: image.width, heads: image.heads, dim, ...resnet },
          }
        : {
            network: 'clip-vit',
            files: ['clipImage'],
            settings: {
              size: image.size,
              patch: image.patch!,
              width: image.width,
              layers: image.layers as number,
              heads: image.heads,
              dim,
              activation,
            },
          },
      'text-tower': {
        network: 'clip-text',
        files: ['clipText'],
        settings: { ...text, vocabulary, positions: context, dim, activation },
      },
    },
    licence: "MIT (OpenAI's CLIP); its model card puts deployed use out of scope and names English only",
    trainedOn: '400 million image-text pairs of the web (WIT), unpublished',
    source: 'openai/CLIP at d05afc4',
  };
}

const cleaningHelp =
  "How texts are cleaned before the tokenizer. openai: as OpenAI's code and open_clip do (ftfy's quotes, widths and ligatures, HTML entities). plain: as transformers' fast tokenizer does (lower case and white space alone).";
const hub = (repository: string, ...paths: string[]) => paths.map((path) => ({ repository, path }));
const licence = 'MIT (OpenAI CLIP)';
const page = 'https://github.com/openai/CLIP';
const known: readonly Known[] = [
  {
    id: 'clip-vit-b32',
    title: 'CLIP ViT-B/32',
    goodAt: 'The space that ClipCap (MLP) and DeCap were trained in; the fastest of the CLIPs.',
    tower: {
      image: { size: 224, patch: 32, width: 768, layers: 12, heads: 12 },
      text: { width: 512, layers: 12, heads: 8 },
      dim: 512,
    },
    published: [
      {
        name: 'clip-vit-b32',
        title: "OpenAI's CLIP ViT-B/32",
        files: hub('openai/clip-vit-base-patch32', 'pytorch_model.bin', 'tokenizer.json', 'config.json'),
        licence,
        licenceAt: page,
        page,
      },
    ],
  },
  {
    id: 'clip-vit-b16',
    title: 'CLIP ViT-B/16',
    goodAt: 'Sees four times finer than ViT-B/32, at about four times the work on a photo.',
    tower: {
      image: { size: 224, patch: 16, width: 768, layers: 12, heads: 12 },
      text: { width: 512, layers: 12, heads: 8 },
      dim: 512,
    },
    published: [
      {
        name: 'clip-vit-b16',
        title: "OpenAI's CLIP ViT-B/16",
        files: hub('openai/clip-vit-base-patch16', 'pytorch_model.bin', 'tokenizer.json', 'config.json'),
        licence,
        licenceAt: page,
        page,
      },
    ],
  },
  {
    id: 'clip-vit-l14',
    title: 'CLIP ViT-L/14',
    goodAt: 'The most accurate of the CLIPs here, with 768 dimensions; slow without a GPU.',
    tower: {
      image: { size: 224, patch: 14, width: 1024, layers: 24, heads: 16 },
      text: { width: 768, layers: 12, heads: 12 },
      dim: 768,
    },
    published: [
      {
        name: 'clip-vit-l14',
        title: "OpenAI's CLIP ViT-L/14",
        files: hub('openai/clip-vit-large-patch14', 'model.safetensors', 'tokenizer.json', 'config.json'),
        licence,
        licenceAt: page,
        page,
      },
    ],
  },
  {
    id: 'clip-rn50x4',
    title: 'CLIP RN50x4',
    goodAt: 'The 640-dimensional space that the published CapDec and ClipCap (Transformer) weights read.',
    tower: {
      image: { size: 288, width: 80, layers: [4, 6, 10, 6], heads: 40 },
      text: { width: 640, layers: 12, heads: 10 },
      dim: 640,
    },
    published: [
      {
        name: 'clip-rn50x4',
        title: "OpenAI's CLIP RN50x4",
        // Its model.safetensors is the image tower alone.
        files: hub('timm/resnet50x4_clip.openai', 'open_clip_model.safetensors', 'tokenizer.json'),
        licence,
        licenceAt: page,
        page,
        note: 'Hugging Face has no layout of its own for it: this is the open_clip file.',
      },
    ],
  },
];

export const clipKinds: readonly ImportKind[] = known.map((one): ImportKind => ({
  id: one.id,
  title: one.title,
  goodAt: one.goodAt,
  adds: 'space',
  files: [
    weightsRole(`weights of ${one.title} in the layout of OpenAI, Hugging Face or open_clip`),
    clipTokenizerRole(true),
    configRole,
  ],
  options: [
    {
      name: 'activation',
      help: "OpenAI's weights use quick-gelu, LAION's gelu; the wrong one gives plausible but worse captions. auto asks config.json, else takes OpenAI's.",
      default: 'auto',
      choices: ['auto', 'quick-gelu', 'gelu'],
    },
    {
      name: 'cleaning',
      help: cleaningHelp,
      default: 'openai',
      choices: ['openai', 'plain'],
    },
  ],
  licence,
  source: 'openai/CLIP at d05afc4; transformers; open_clip',
  published: one.published,
  shapes: [
    'visual.conv1.weight',
    one.tower.image.patch === undefined ? 'visual.attnpool.c_proj.weight' : 'visual.proj',
    'token_embedding.weight',
    'text_projection',
  ].map((name) => `${name} [${clipShapes(one.tower).get(name)!.join(', ')}]`),
  run: (importing) => importClip(importing, one),
}));
