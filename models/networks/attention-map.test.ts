import { describe, expect, it } from 'vitest';
import { buildAttentionalPooler } from './attentional-pooler';
import { buildCocaCross, buildCocaDecoder } from './coca';
import file from './goldens/coca-attention.json';
import { type Golden, goldenWeights, numbers, relativeError, unpack } from './goldens/golden';
import { float, open, StepSession, values } from './goldens/session';
import { pocketCoca, pocketPooler, pocketShape } from './pocket-keys';
import type { GraphOptions, WeightMap } from './types';

const golden = file as unknown as Golden;
const shape = { ...pocketShape, ...golden.config };
const { imageTokens, channels, cells } = golden.config as { imageTokens: number; channels: number; cells: number };
const coca = pocketCoca(shape, imageTokens);
const poolerConfig = pocketPooler('caption', shape, { queries: imageTokens, tokens: cells, channels });
const grid = () => float(numbers('grid', [2, cells, channels], 0, 1), [2, cells, channels]);

async function pool(weights: WeightMap, options: GraphOptions) {
  const session = await open(buildAttentionalPooler(poolerConfig, weights, options, { attentionMap: true }));
  return session.run({ grid: grid() });
}

/** Cross-attention of the golden's captions to the first photo's image tokens. */
async function look(weights: WeightMap, options: GraphOptions) {
  const { width, heads } = shape;
  const pooled = await pool(weights, options);
  const first = Array.from(values(pooled.tokens)).slice(0, imageTokens * width);
  const cross = await open(buildCocaCross(coca, weights, options));
  const constants = await cross.run({ image_tokens: float(first, [1, imageTokens, width]) });
  const decoder = await StepSession.open(
    buildCocaDecoder(coca, weights, options, { attentionMap: true }),
    heads,
    width / heads,
    constants as Record<string, never>,
  );
  const outputs = await decoder.run(golden.ids!, [0, 0], {});
  return {
    cross: Array.from(values(outputs.cross_attention)),
    pooler: Array.from(values(pooled.attention)),
    pooledTokens: Array.from(values(pooled.tokens)),
  };
}

describe.each<GraphOptions>([
  { precision: 'fp32', device: 'cpu' },
  { precision: 'fp32', device: 'webgpu' },
])('what CoCa looks at, with the operators of $device', (options) => {
  it('equals PyTorch: decoder to image tokens, pooler to cells, and their product', async () => {
    const { cross, pooler } = await look(goldenWeights(golden), options);
    expect(relativeError(cross, unpack(golden.outputs.cross_attention!))).toBeLessThan(1e-4);
    expect(relativeError(pooler, unpack(golden.outputs.attention!))).toBeLessThan(1e-4);
    const rows = cross.length / imageTokens;
    const map = Array.from({ length: rows * cells }, (_, at) => {
      const [row, cell] = [Math.floor(at / cells), at % cells];
      let sum = 0;
      for (let i = 0; i < imageTokens; i++) sum += cross[row * imageTokens + i]! * pooler[i * cells + cell]!;
      return sum;
    });
    expect(relativeError(map, unpack(golden.outputs.map!))).toBeLessThan(1e-4);
    for (let row = 0; row < rows; row++)
      expect(map.slice(row * cells, (row + 1) * cells).reduce((a, b) => a + b)).toBeCloseTo(1, 4);
  });

  it('the pooler that tells pools as the one that does not', async () => {
    const plain = await open(buildAttentionalPooler(poolerConfig, goldenWeights(golden), options));
    const { tokens } = await plain.run({ grid: grid() });
    expect(
      relativeError((await look(goldenWeights(golden), options)).pooledTokens, Array.from(values(tokens))),
    ).toBeLessThan(1e-5);
  });

  it('notices another query bias', async () => {
    const changed = goldenWeights(golden, {
      change: (name, tensor) =>
        /xattn\.q\.bias$/.test(name) ? { ...tensor, values: new Float32Array(tensor.values.length) } : tensor,
    });
    expect(
      relativeError((await look(changed, options)).cross, unpack(golden.outputs.cross_attention!)),
    ).toBeGreaterThan(1e-3);
  });
});
