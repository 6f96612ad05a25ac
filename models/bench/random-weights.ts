import type { WeightMap } from '../networks/types';

/**
 * Random weights of given shapes: speed does not depend on what they say. Norms are the identity, so that activations
 * stay in range.
 * A tensor is made when it is asked for and not kept.
 */
export function randomWeights(shapes: ReadonlyMap<string, readonly number[]>): WeightMap {
  const pool = Float32Array.from(
    { length: 1 << 20 },
    () => (Math.random() + Math.random() + Math.random() - 1.5) * 0.06,
  );
  return {
    has: (name) => shapes.has(name),
    names: () => [...shapes.keys()],
    get: (name) => {
      const dims = shapes.get(name);
      if (!dims) throw new Error(`The bench has no shape for ${name}.`);
      const values = new Float32Array(dims.reduce((product, dim) => product * dim, 1));
      if (/\bln_\w+\.weight$/.test(name)) values.fill(1);
      else
        for (let i = 0; i < values.length; i += pool.length)
          values.set(pool.subarray(0, Math.min(pool.length, values.length - i)), i);
      return { dims, values };
    },
  };
}

type Sizes = { layers: number; width: number; vocabulary: number; positions: number };

/** Shapes of a GPT-2 checkpoint (Conv1D layout: [in, out]). */
export function gpt2Shapes({ layers, width, vocabulary, positions }: Sizes): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>([
    ['transformer.wte.weight', [vocabulary, width]],
    ['transformer.wpe.weight', [positions, width]],
  ]);
  const vector = (stem: string, out: number, dims: readonly number[] = [out]) =>
    shapes.set(`${stem}.weight`, dims).set(`${stem}.bias`, [out]);
  vector('transformer.ln_f', width);
  for (let layer = 0; layer < layers; layer++) {
    const block = `transformer.h.${layer}`;
    vector(`${block}.ln_1`, width);
    vector(`${block}.ln_2`, width);
    vector(`${block}.attn.c_attn`, 3 * width, [width, 3 * width]);
    vector(`${block}.attn.c_proj`, width, [width, width]);
    vector(`${block}.mlp.c_fc`, 4 * width, [width, 4 * width]);
    vector(`${block}.mlp.c_proj`, width, [4 * width, width]);
  }
  return shapes;
}

/** Shapes of CLIP's text tower. */
export function clipTextShapes({
  layers,
  width,
  vocabulary,
  positions,
  dim,
}: Sizes & { dim: number }): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>([
    ['token_embedding.weight', [vocabulary, width]],
    ['positional_embedding', [positions, width]],
    ['text_projection', [width, dim]],
    ['ln_final.weight', [width]],
    ['ln_final.bias', [width]],
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `transformer.resblocks.${layer}`;
    for (const norm of ['ln_1', 'ln_2'])
      shapes.set(`${block}.${norm}.weight`, [width]).set(`${block}.${norm}.bias`, [width]);
    shapes.set(`${block}.attn.in_proj_weight`, [3 * width, width]).set(`${block}.attn.in_proj_bias`, [3 * width]);
    shapes.set(`${block}.attn.out_proj.weight`, [width, width]).set(`${block}.attn.out_proj.bias`, [width]);
    shapes.set(`${block}.mlp.c_fc.weight`, [4 * width, width]).set(`${block}.mlp.c_fc.bias`, [4 * width]);
    shapes.set(`${block}.mlp.c_proj.weight`, [width, 4 * width]).set(`${block}.mlp.c_proj.bias`, [width]);
  }
  return shapes;
}
