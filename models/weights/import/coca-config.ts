import { StudioError } from '../../errors';
import type { CheckpointFile } from '../../files/types';
import type { CocaSizes } from './coca-shapes';

type Json = Record<string, unknown>;
const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

/**
 * Checks open_clip_config.json (or a model's configuration alone) against the sizes that the tensors tell. What the
 * file leaves out is as it is built in. @throws weights-invalid, naming what contradicts
 */
export function checkCocaConfig({ name, source }: CheckpointFile, what: string, sizes: CocaSizes): void {
  let json: Json;
  try {
    json = object(JSON.parse(new TextDecoder().decode(source.read(0, Math.min(source.size, 1_000_000)))));
  } catch (cause) {
    throw new StudioError('weights-invalid', `${name} is not JSON. Fetch it again, or leave it out.`, { cause });
  }
  const config = object(json.model_cfg ?? json);
  const [vision, text, multimodal] = ['vision_cfg', 'text_cfg', 'multimodal_cfg'].map((part) => object(config[part]));
  if (!config.multimodal_cfg)
    throw new StudioError(
      'weights-invalid',
      `${name} describes no CoCa (it has no multimodal_cfg). Give the configuration of ${what}, or leave it out.`,
    );
  const { image, pooler, text: words, vocabulary, positions } = sizes;
  const told: [string, unknown, unknown][] = [
    ['embed_dim', config.embed_dim, words.width],
    ['quick_gelu', config.quick_gelu, false],
    ['vision_cfg.image_size', vision!.image_size, image.size],
    ['vision_cfg.patch_size', vision!.patch_size, image.patch],
    ['vision_cfg.width', vision!.width, image.width],
    ['vision_cfg.layers', vision!.layers, image.layers],
    ['vision_cfg.attentional_pool', vision!.attentional_pool, true],
    ['vision_cfg.attn_pooler_heads', vision!.attn_pooler_heads, pooler.heads],
    ['vision_cfg.attn_pooler_queries', vision!.attn_pooler_queries, pooler.queries],
    ['text_cfg.context_length', text!.context_length, positions - 1],
    ['text_cfg.vocab_size', text!.vocab_size, vocabulary],
    ['text_cfg.embed_cls', text!.embed_cls, true],
    ['text_cfg.correct_cls_mask', text!.correct_cls_mask, false],
    ...['width', 'heads', 'layers'].flatMap((key): [string, unknown, unknown][] => [
      [`text_cfg.${key}`, text![key], words[key as 'width']],
      [`multimodal_cfg.${key}`, multimodal![key], words[key as 'width']],
    ]),
  ];
  const wrong = told.find(([, value, expected]) => value !== undefined && value !== null && value !== expected);
  if (wrong)
    throw new StudioError(
      'weights-invalid',
      `${name} contradicts the tensors: it says ${wrong[0]} ${JSON.stringify(wrong[1])}, and ${what} has ${JSON.stringify(wrong[2])}. One of the two files belongs to another model: give the right pair, or leave the configuration out.`,
    );
}
