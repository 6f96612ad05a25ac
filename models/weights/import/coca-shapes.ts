import { openClipCocaB32, openClipCocaL14 } from '../../networks/open-clip-keys';

/** Sizes of a CoCa of open_clip; `start` and `stop` are the ids of its begin and end token. */
export type CocaSizes = typeof openClipCocaB32 & { start: number; stop: number };

const clipTokens = { start: 49406, stop: 49407 };
export const cocaSizes = {
  'ViT-B/32': { ...openClipCocaB32, ...clipTokens },
  'ViT-L/14': { ...openClipCocaL14, ...clipTokens },
} as const satisfies Record<string, CocaSizes>;

/** Every tensor of a CoCa of open_clip by its name, with its shape; the file itself also has `logit_scale`. */
export function cocaShapes({ image, pooler, text, vocabulary, positions }: CocaSizes): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  const pair = (stem: string, out: number, inputs?: number) =>
    shapes.set(`${stem}.weight`, inputs ? [out, inputs] : [out]).set(`${stem}.bias`, [out]);
  const block = (stem: string, width: number) => {
    pair(`${stem}.ln_1`, width);
    pair(`${stem}.ln_2`, width);
    shapes.set(`${stem}.attn.in_proj_weight`, [3 * width, width]).set(`${stem}.attn.in_proj_bias`, [3 * width]);
    pair(`${stem}.attn.out_proj`, width, width);
    pair(`${stem}.mlp.c_fc`, 4 * width, width);
    pair(`${stem}.mlp.c_proj`, width, 4 * width);
  };
  const blocks = (stem: string, layers: number, width: number) => {
    for (let layer = 0; layer < layers; layer++) block(`${stem}.${layer}`, width);
  };
  const { width } = text;
  const pool = 'visual.attn_pool';
  shapes
    .set('visual.class_embedding', [image.width])
    .set('visual.positional_embedding', [(image.size / image.patch) ** 2 + 1, image.width])
    .set('visual.proj', [width, width])
    .set('visual.conv1.weight', [image.width, 3, image.patch, image.patch]);
  pair('visual.ln_pre', image.width);
  blocks('visual.transformer.resblocks', image.layers, image.width);
  shapes.set(`${pool}.query`, [pooler.queries, width]);
  shapes
    .set(`${pool}.attn.q_proj_weight`, [width, width])
    .set(`${pool}.attn.k_proj_weight`, [width, image.width])
    .set(`${pool}.attn.v_proj_weight`, [width, image.width])
    .set(`${pool}.attn.in_proj_bias`, [3 * width]);
  pair(`${pool}.attn.out_proj`, width, width);
  pair(`${pool}.ln_q`, width);
  pair(`${pool}.ln_k`, image.width);
  pair('visual.ln_post', width);
  shapes
    .set('text.cls_emb', [width])
    .set('text.positional_embedding', [positions, width])
    .set('text.text_projection', [width, width])
    .set('text.token_embedding.weight', [vocabulary, width]);
  blocks('text.transformer.resblocks', text.layers, width);
  pair('text.ln_final', width);
  blocks('text_decoder.resblocks', text.layers, width);
  blocks('text_decoder.cross_attn', text.layers, width);
  for (let layer = 0; layer < text.layers; layer++) pair(`text_decoder.cross_attn.${layer}.ln_1_kv`, width);
  pair('text_decoder.ln_final', width);
  return shapes.set('text_decoder.text_projection', [width, vocabulary]);
}
