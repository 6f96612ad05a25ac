import { describe, expect, it } from 'vitest';
import { StudioError } from '../errors';
import gpt from './goldens/gpt.json';
import { gptConfig } from './goldens/cases';
import { type Golden, goldenWeights } from './goldens/golden';
import { buildGpt } from './gpt';
import type { WeightMap } from './types';

const golden = gpt as unknown as Golden;
const options = { precision: 'fp32', device: 'cpu' } as const;
const build = (weights: WeightMap) => () => buildGpt(gptConfig(golden), weights, options);
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof StudioError) return `${error.code}: ${error.message}`;
  }
  return 'no StudioError';
};

describe('weights that do not fit', () => {
  it('names the tensor and both shapes when one has another shape', () => {
    const weights = goldenWeights(golden, {
      change: (name, tensor) =>
        name === 'lm.blocks.1.mlp.fc.weight' ? { dims: [2, 2], values: new Float32Array(4) } : tensor,
    });
    expect(codeOf(build(weights))).toMatch(
      /^weights-invalid: .*lm\.blocks\.1\.mlp\.fc\.weight has shape \[2, 2\]; the network needs \[256, 64\]/,
    );
  });

  it('passes on the error of the weight map when a tensor is missing', () => {
    const weights = goldenWeights({ ...golden, tensors: golden.tensors.filter(([name]) => name !== 'lm.ln_f.bias') });
    expect(codeOf(build(weights))).toMatch(/^weights-invalid: .*lm\.ln_f\.bias/);
  });
});

describe('size on disk', () => {
  it('halves with fp16 and quarters with 8 bit, apart from the tables', () => {
    const size = (precision: 'fp32' | 'fp16' | 'q8') =>
      buildGpt(gptConfig(golden), goldenWeights(golden), { precision, device: 'cpu' }).byteLength;
    expect(size('fp16') / size('fp32')).toBeLessThan(0.56);
    expect(size('q8') / size('fp32')).toBeLessThan(0.5);
  });
});
