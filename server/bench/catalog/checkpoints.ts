import { createHash } from 'node:crypto';
import { randomNormal, seeded } from '../../../models/random';
import { torchParts } from '../../../models/files/test-torch';
import { clipShapes } from '../../../models/weights/import/clip';
import { cocaShapes, cocaSizes, type CocaSizes } from '../../../models/weights/import/coca-shapes';
import { gpt2Tensors } from '../../../models/weights/import/gpt2';
import type { TestFile, TestHub } from '../../hub/test-hub';

// Checkpoints of the real shapes with random weights, made as they are asked for: nothing of them lies on the disk or
// in memory.

type Shapes = ReadonlyMap<string, readonly number[]>;
const block = 1 << 20;
const bytesOf = (shape: readonly number[]) => 4 * shape.reduce((product, size) => product * size, 1);

/**
 * A file of parts, one behind the other: bytes as they are, or so many bytes of one block of random numbers of
 * deviation 0.02, which repeats.
 */
function lazyFile(parts: readonly (Uint8Array | number)[], seed: number): TestFile {
  const random = seeded(seed);
  const values = new Uint8Array(Float32Array.from({ length: block / 4 }, () => randomNormal(random) * 0.02).buffer);
  let bytes = 0;
  const placed = parts.map((part) => {
    const length = typeof part === 'number' ? part : part.length;
    return { part, from: bytes, to: (bytes += length) };
  });
  const read = (start: number, end: number): Uint8Array => {
    const out = new Uint8Array(end - start);
    for (const { part, from, to } of placed) {
      if (to <= start || from >= end) continue;
      for (let at = Math.max(start, from); at < Math.min(end, to);) {
        const [source, offset] = typeof part === 'number' ? [values, (at - from) % block] : [part, at - from];
        const count = Math.min(Math.min(end, to) - at, source.length - offset);
        out.set(source.subarray(offset, offset + count), at - start);
        at += count;
      }
    }
    return out;
  };
  const hash = createHash('sha256');
  for (let at = 0; at < bytes; at += 8 * block) hash.update(read(at, Math.min(bytes, at + 8 * block)));
  return { bytes, sha256: hash.digest('hex'), read };
}

/** A safetensors file of fp32 tensors. */
function lazySafetensors(shapes: Shapes, seed: number): TestFile {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [name, shape] of shapes) {
    const bytes = bytesOf(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(head.length - 8), true);
  head.set(json, 8);
  return lazyFile([head, offset], seed);
}

/** What `torch.save` writes of fp32 tensors, as a state dict or as open_clip's training wraps it. */
function lazyTorchFile(shapes: Shapes, seed: number, wrapped = false): TestFile {
  const prefix = wrapped ? 'module.' : '';
  const tensors = Object.fromEntries([...shapes].map(([name, dims]) => [prefix + name, { dims }]));
  return lazyFile(torchParts(wrapped ? { epoch: 3, state_dict: tensors } : tensors), seed);
}

/** The 256 characters by which byte-level BPE writes bytes. */
function byteCharacters(): string[] {
  const own = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174,
  );
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !own.includes(byte));
  return [...own.map((byte) => String.fromCharCode(byte)), ...others.map((_, i) => String.fromCharCode(256 + i))];
}

/**
 * A tokenizer of the right size whose words we made up: only the ids by which the import knows the real one are real.
 */
function madeUpTokenizer(
  size: number,
  special: Record<string, number>,
  fixed: Record<string, number>,
  ending: string,
): string {
  const bytes = byteCharacters();
  const vocab: Record<string, number> = Object.fromEntries(
    [...bytes, ...(ending ? bytes.map((character) => character + ending) : [])].map((token, id) => [token, id]),
  );
  const taken = new Set([...Object.values(vocab), ...Object.values(special), ...Object.values(fixed)]);
  for (let id = 0; id < size; id++) if (!taken.has(id)) vocab[`${ending ? '' : 'Ġ'}w${id}${ending}`] = id;
  Object.assign(vocab, special, fixed);
  return JSON.stringify({
    version: '1.0',
    added_tokens: Object.entries(special).map(([content, id]) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: ending,
      fuse_unk: false,
      vocab,
      merges: [],
    },
  });
}

/** tokenizer.json of the sizes of CLIP's and GPT-2's. */
export const clipLikeTokenizer = () =>
  madeUpTokenizer(49408, { '<|startoftext|>': 49406, '<|endoftext|>': 49407 }, {}, '</w>');
export const gpt2LikeTokenizer = () => madeUpTokenizer(50257, { '<|endoftext|>': 50256 }, { Ġthe: 262 }, '');

/** CLIP ViT-B/32. */
export const vitB32 = {
  image: { size: 224, patch: 32, width: 768, layers: 12, heads: 12 },
  text: { width: 512, layers: 12, heads: 8 },
  dim: 512,
};
const gpt2 = { width: 768, layers: 12, vocabulary: 50257, positions: 1024 };

/**
 * CLIP ViT-B/32 and ClipCap (MLP) under the addresses that the catalog pulls them from. @returns bytes of ClipCap's
 * file
 */
export function serveRealShapes(hub: TestHub): number {
  const clip = clipShapes(vitB32);
  const clipcap = new Map<string, readonly number[]>(
    [...gpt2Tensors(gpt2)].map(([name, shape]) => [`gpt.${name}`, shape]),
  );
  clipcap
    .set('clip_project.model.0.weight', [3840, 512])
    .set('clip_project.model.0.bias', [3840])
    .set('clip_project.model.2.weight', [7680, 3840])
    .set('clip_project.model.2.bias', [7680]);
  // The causal masks that the published file carries along.
  for (let layer = 0; layer < gpt2.layers; layer++)
    clipcap.set(`gpt.transformer.h.${layer}.attn.bias`, [1, 1, 512, 512]);
  const [space, vocabulary] = ['openai/clip-vit-base-patch32', 'openai-community/gpt2'];
  hub.put(space, 'pytorch_model.bin', lazySafetensors(clip, 1));
  hub.put(space, 'tokenizer.json', clipLikeTokenizer(), { small: true });
  hub.put(space, 'config.json', '{"hidden_act":"quick_gelu"}', { small: true });
  hub.put(vocabulary, 'tokenizer.json', gpt2LikeTokenizer(), { small: true });
  return hub.put('akhaliq/CLIP-prefix-captioning-COCO-weights', 'coco_weights.pt', lazySafetensors(clipcap, 2)).bytes;
}

/**
 * Published CoCas (their names in the catalog) and the CLIP that scores for two of them, under their addresses.
 * @returns bytes of each file of weights
 */
export function serveCocas(hub: TestHub, names: readonly string[]): Record<string, number> {
  const space = 'openai/clip-vit-base-patch32';
  hub.put(space, 'pytorch_model.bin', lazySafetensors(clipShapes(vitB32), 1));
  hub.put(space, 'tokenizer.json', clipLikeTokenizer(), { small: true });
  hub.put(space, 'config.json', '{"hidden_act":"quick_gelu"}', { small: true });
  const sizes: Record<string, number> = {};
  for (const [size, short, name, seed] of [
    ['ViT-B/32', 'ViT-B-32', 'coca-vit-b32', 3],
    ['ViT-L/14', 'ViT-L-14', 'coca-vit-l14', 4],
  ] as const) {
    const shapes: Shapes = new Map([['logit_scale', []] as const, ...cocaShapes(cocaSizes[size])]);
    const tail = `CoCa-${short}-laion2B-s13B-b90k`;
    const weights = 'open_clip_pytorch_model';
    if (names.includes(name))
      sizes[name] = hub.put(`laion/${tail}`, `${weights}.bin`, lazyTorchFile(shapes, seed)).bytes;
    if (!names.includes(`${name}-coco`)) continue;
    const tuned = `laion/mscoco_finetuned_${tail}`;
    const fineTuned = size === 'ViT-B/32' ? lazyTorchFile(shapes, seed + 2, true) : lazySafetensors(shapes, seed + 2);
    const { bytes } = hub.put(tuned, `${weights}.${size === 'ViT-B/32' ? 'bin' : 'safetensors'}`, fineTuned);
    sizes[`${name}-coco`] = bytes;
    hub.put(tuned, 'open_clip_config.json', cocaConfig(cocaSizes[size]), { small: true });
  }
  return sizes;
}

/** open_clip_config.json of a size. */
export function cocaConfig({ image, pooler, text, vocabulary, positions }: CocaSizes): string {
  const words = { context_length: positions - 1, vocab_size: vocabulary, ...text };
  return JSON.stringify({
    model_cfg: {
      embed_dim: text.width,
      vision_cfg: {
        image_size: image.size,
        layers: image.layers,
        width: image.width,
        patch_size: image.patch,
        attentional_pool: true,
        attn_pooler_heads: pooler.heads,
        attn_pooler_queries: pooler.queries,
      },
      text_cfg: { ...words, embed_cls: true },
      multimodal_cfg: words,
    },
    preprocess_cfg: {},
  });
}
