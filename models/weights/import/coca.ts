import { StudioError } from '../../errors';
import { readCheckpoint } from '../../files/checkpoint';
import type { Checkpoint } from '../../files/types';
import { checkCocaConfig } from './coca-config';
import { type CocaFiles, cocaDecoder, cocaDecoderGraphs, cocaSpace, cocaSpaceGraphs } from './coca-parts';
import { cocaShapes, cocaSizes, type CocaSizes } from './coca-shapes';
import { checkContrast, checkPlace } from './contrast';
import { clipTokenizerRole, configRole, weightsRole } from './roles';
import { checkTensors, copied } from './tensors';
import { clipTokenizer } from './tokenizers';
import type { ImportContext, ImportedPart, ImportKind, PublishedSource } from './types';
import { unwrapped } from './wrappers';

type Size = keyof typeof cocaSizes;
const source = 'mlfoundations/open_clip 3.3.0';
const licence = 'MIT (open_clip; weights of LAION)';
const landmark = 'visual.attn_pool.query';
/** A checkpoint may carry these along. */
const leftovers = /(^|\.)(logit_scale|logit_bias|attn_mask|num_batches_tracked)$/;

/** A CoCa's tensors, unwrapped, checked and written as a family's files. @throws weights-invalid */
async function writeParts(
  { files, writer }: ImportContext,
  size: Size | undefined,
  keys: CocaFiles & { tokenizer: string },
): Promise<{ size: Size; sizes: CocaSizes }> {
  const what = `CoCa${size ? ` ${size}` : ''}`;
  const checkpoint = unwrapped(readCheckpoint(files.weights!), [landmark], what);
  const told = size ?? sizeOf(checkpoint);
  const sizes: CocaSizes = cocaSizes[told];
  const shapes = cocaShapes(sizes);
  checkTensors(checkpoint, shapes, leftovers, `CoCa ${told}`);
  if (files.config) checkCocaConfig(files.config[0]!, `CoCa ${told}`, sizes);
  const tokenizer = await clipTokenizer(files.tokenizer!);
  const parts: [keyof CocaFiles, string][] = [
    ['image', 'visual.'],
    ['text', 'text.'],
    ['decoder', 'text_decoder.'],
  ];
  for (const [part, prefix] of parts)
    await writer.tensors(
      keys[part],
      `${fileName(keys[part])}.safetensors`,
      [...shapes.keys()].filter((name) => name.startsWith(prefix)).map((name) => copied(checkpoint, name)),
    );
  await writer.bytes(keys.tokenizer, `${fileName(keys.tokenizer)}.json`, tokenizer);
  return { size: told, sizes };
}

const fileName = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The size that a checkpoint's own tensors tell. @throws weights-invalid, naming those that there are */
function sizeOf(checkpoint: Checkpoint): Size {
  const conv = 'visual.conv1.weight';
  const dims = checkpoint.has(conv) ? checkpoint.info(conv).dims : undefined;
  const known = Object.keys(cocaSizes) as Size[];
  const found = known.find((size) => String(cocaShapes(cocaSizes[size]).get(conv)) === String(dims));
  if (found) return found;
  throw new StudioError(
    'weights-invalid',
    `This is no CoCa of ${known.join(' or ')}: ${dims ? `its ${conv} is [${dims.join(', ')}]` : `it lacks ${conv}`}. ${known
      .map((size) => `${size} has [${cocaShapes(cocaSizes[size]).get(conv)!.join(', ')}]`)
      .join(', ')}.`,
  );
}

const hub = (repository: string, ...paths: string[]) => paths.map((path) => ({ repository, path }));
const tokenizerFile = hub('openai/clip-vit-base-patch32', 'tokenizer.json');
const page = 'https://github.com/mlfoundations/open_clip';

/** What comes from a base model's own repository need not prove that it is one. */
const fromItsRepository = { contrast: 'unchecked' };

/** A base model: its contrastive half is a joint space, in which it captions. */
function spaceKind(id: string, size: Size, goodAt: string, published: PublishedSource): ImportKind {
  const title = `CoCa ${size}`;
  const spaceName = `${id}-laion2b`;
  return {
    id,
    title,
    goodAt,
    adds: 'space',
    files: [weightsRole(`weights of ${title} in the layout of open_clip`), clipTokenizerRole(true), configRole],
    options: [
      {
        name: 'contrast',
        help: 'checked: the space must tell drawn pictures (plain colours, flags) by their names, which a file that was fine-tuned on captions alone cannot. unchecked: it is taken as it is.',
        default: 'checked',
        choices: ['checked', 'unchecked'],
      },
    ],
    check: { option: 'contrast', run: checkContrast },
    licence,
    source,
    published: [published],
    shapes: shapesTold(size),
    run: async (context) => {
      const files = { image: 'cocaSpaceImage', text: 'cocaSpaceText', decoder: 'cocaSpaceDecoder' };
      const tokenizer = 'cocaSpaceTokenizer';
      if (context.options.contrast !== 'unchecked') checkPlace(context.files.weights!);
      const { sizes } = await writeParts(context, size, { ...files, tokenizer });
      return {
        space: cocaSpace(spaceName, sizes, tokenizer),
        graphs: { ...cocaSpaceGraphs(sizes, files), ...cocaDecoderGraphs(sizes, files, false) },
        decoders: {
          coca: cocaDecoder(sizes, {
            tokenizer,
            source,
            ownTower: false,
            refused: `Its contrastive half is the space ${spaceName} itself, which scores every caption here: jointRerank gives it its say.`,
          }),
        },
        licence,
        trainedOn: '13 billion image-text pairs seen of LAION-2B (English)',
        source,
      };
    },
  };
}

const shapesTold = (size: Size) =>
  ['visual.conv1.weight', landmark, 'text.cls_emb', 'text_decoder.text_projection'].map(
    (name) => `${name} [${cocaShapes(cocaSizes[size]).get(name)!.join(', ')}]`,
  );

/** Why a fine-tuned CoCa scores nothing. */
export const lost = (space: string) =>
  `It was fine-tuned on captions alone, which left its contrastive half worth nothing as a measure ` +
  `(ImageNet zero-shot of the fine-tuned ViT-B/32: 0.8 %, by open_clip's published results), so it is never asked. The space ${space} scores its captions: jointRerank gives that its say.`;

const fineTuned: ImportKind = {
  id: 'coca',
  title: 'CoCa, fine-tuned on COCO',
  goodAt:
    'The best captions of those here; joins any space, which scores what it says, and reads photos by a tower of its own.',
  adds: 'decoder',
  files: [
    weightsRole('weights of CoCa ViT-B/32 or ViT-L/14 in the layout of open_clip'),
    clipTokenizerRole(true),
    configRole,
  ],
  options: [],
  licence,
  source,
  published: [
    {
      name: 'coca-vit-b32-coco',
      title: 'CoCa ViT-B/32, fine-tuned on COCO',
      files: [
        ...hub(
          'laion/mscoco_finetuned_CoCa-ViT-B-32-laion2B-s13B-b90k',
          'open_clip_pytorch_model.bin',
          'open_clip_config.json',
        ),
        ...tokenizerFile,
      ],
      needs: 'clip-vit-b32',
      licence,
      page,
      note: 'Its own contrastive half was lost in fine-tuning: CLIP ViT-B/32 scores its captions.',
    },
    {
      name: 'coca-vit-l14-coco',
      title: 'CoCa ViT-L/14, fine-tuned on COCO',
      files: [
        ...hub(
          'laion/mscoco_finetuned_CoCa-ViT-L-14-laion2B-s13B-b90k',
          'open_clip_pytorch_model.safetensors',
          'open_clip_config.json',
        ),
        ...tokenizerFile,
      ],
      needs: 'clip-vit-b32',
      licence,
      page,
      note: 'Its own contrastive half is not to be trusted after fine-tuning: CLIP ViT-B/32 scores its captions.',
    },
  ],
  shapes: shapesTold('ViT-B/32'),
  run: async (context): Promise<ImportedPart> => {
    const files = { image: 'cocaImage', text: 'cocaText', decoder: 'cocaDecoder' };
    const tokenizer = 'cocaTokenizer';
    const { size, sizes } = await writeParts(context, undefined, { ...files, tokenizer });
    return {
      graphs: cocaDecoderGraphs(sizes, files, true),
      decoders: {
        coca: cocaDecoder(sizes, { tokenizer, source, ownTower: true, refused: lost(context.base!.space.name) }),
      },
      licence,
      trainedOn: `CoCa ${size} on LAION-2B, then on the captions of COCO`,
      source,
    };
  },
};

export const cocaKinds: readonly ImportKind[] = [
  spaceKind(
    'coca-vit-b32',
    'ViT-B/32',
    'One model that captions and is a joint space of its own; captions of the web, not of COCO.',
    {
      name: 'coca-vit-b32',
      title: 'CoCa ViT-B/32, LAION-2B',
      files: [...hub('laion/CoCa-ViT-B-32-laion2B-s13B-b90k', 'open_clip_pytorch_model.bin'), ...tokenizerFile],
      licence,
      page,
      note: 'The repository has no configuration: it is built in.',
      options: fromItsRepository,
    },
  ),
  spaceKind(
    'coca-vit-l14',
    'ViT-L/14',
    'The larger CoCa: the most accurate joint space here beside CLIP ViT-L/14; slow without a GPU.',
    {
      name: 'coca-vit-l14',
      title: 'CoCa ViT-L/14, LAION-2B',
      files: [...hub('laion/CoCa-ViT-L-14-laion2B-s13B-b90k', 'open_clip_pytorch_model.bin'), ...tokenizerFile],
      licence,
      page,
      note: 'The repository has no configuration: it is built in.',
      options: fromItsRepository,
    },
  ),
  fineTuned,
];
