import { afterAll, describe, expect, it } from 'vitest';
import { type Case, cases, type Override } from './goldens/cases';
import { goldenWeights, relativeError, unpack } from './goldens/golden';
import { values } from './goldens/session';
import type { GraphOptions, WeightMap, WeightTensor } from './types';

const cpu: GraphOptions = { precision: 'fp32', device: 'cpu' };
/** The largest allowed error, as a share of the largest absolute output. */
const limit = 1e-4;
const table: Record<string, Record<string, string>> = {};

/** The worst relative error over a case's stored outputs. Ids must be equal. */
async function errorOf(
  test: Case,
  weights: WeightMap,
  options: GraphOptions = cpu,
  override?: Override,
): Promise<number> {
  const outputs = await test.run(weights, options, override);
  let worst = 0;
  for (const [name, packed] of Object.entries(test.golden.outputs)) {
    let actual = Array.from(values(outputs[name] as Parameters<typeof values>[0]));
    if (name === 'grid') actual = actual.filter((_, i) => i % 8 === 0); // every eighth channel is stored
    if (name === 'top_ids') {
      if (options.precision === 'fp32' && unpack(packed).some((id, i) => id !== actual[i])) return Infinity;
      continue;
    }
    worst = Math.max(worst, relativeError(actual, unpack(packed)));
  }
  return worst;
}

/** Millions of numbers are made once, not once a test. */
function remembered(weights: WeightMap): WeightMap {
  const made = new Map<string, WeightTensor>();
  return {
    ...weights,
    get: (name) => {
      if (!made.has(name)) made.set(name, weights.get(name));
      return made.get(name)!;
    },
  };
}
const zeroed = (target: string) => (name: string, tensor: WeightTensor) =>
  name === target ? { ...tensor, values: new Float32Array(tensor.values.length) } : tensor;
const shifted =
  (target: string) =>
  (name: string, tensor: WeightTensor): WeightTensor => {
    if (name !== target) return tensor;
    const width = tensor.dims[1]!;
    const moved = new Float32Array(tensor.values.length);
    moved.set(tensor.values.subarray(width));
    moved.set(tensor.values.subarray(0, width), tensor.values.length - width);
    return { ...tensor, values: moved };
  };
/** A key's bias adds the same to all scores of a query, which a softmax does not see. */
const withoutEffect = (name: string) => /\.k(_proj)?\.bias$/.test(name);

describe.each(cases)('$name', (test) => {
  const { golden } = test;
  const weights = remembered(goldenWeights(golden));
  const spoiled = (change: (name: string, tensor: WeightTensor) => WeightTensor): WeightMap => ({
    ...weights,
    get: (name) => change(name, weights.get(name)),
  });
  const has = (pattern: RegExp) => golden.tensors.some(([name]) => pattern.test(name));

  it('equals PyTorch in fp32', async () => {
    const error = await errorOf(test, weights);
    (table[test.name] ??= {}).fp32 = error.toExponential(1);
    expect(error).toBeLessThanOrEqual(limit);
  });

  it('gives one row the same result alone and in a batch', async () => {
    const batch = await test.run(weights, cpu);
    const alone = await test.run(weights, cpu, undefined, 1);
    for (const name of Object.keys(golden.outputs)) {
      const one = Array.from(values(alone[name] as Parameters<typeof values>[0]));
      const many = Array.from(values(batch[name] as Parameters<typeof values>[0]));
      expect(relativeError(one, many.slice(0, one.length)), name).toBeLessThan(1e-5);
    }
  });

  it.each([
    ['fp16', 'cpu', 6e-3, false],
    ['fp16', 'webgpu', 2e-2, false],
    ['q8', 'cpu', 6e-2, false],
    // A scale for each output, not for 64 weights: ResNet's pooling head loses most, and is never used so.
    ['q8', 'cpu', 1e-1, true],
    ['fp32', 'webgpu', limit, false],
  ] as const)(
    'stays close in %s with the operators of %s (to %f; integers: %s)',
    async (precision, device, tolerance, integers) => {
      const error = await errorOf(test, weights, { precision, device, integers });
      (table[test.name] ??= {})[`${precision} ${device}${integers ? ' integers' : ''}`] = error.toExponential(1);
      expect(error).toBeLessThanOrEqual(tolerance);
    },
  );

  const biases = golden.tensors.map(([name]) => name).filter((name) => /bias$/.test(name) && !withoutEffect(name));
  // A trunk has 52 or 64 convolutions of one kind: every seventh stands for them.
  it.each(biases.length > 50 ? biases.filter((name, i) => !name.includes('trunk') || i % 7 === 0) : biases)(
    'notices a dropped %s',
    async (bias) => {
      expect(await errorOf(test, spoiled(zeroed(bias)))).toBeGreaterThan(limit);
    },
  );

  if (has(/mlp\.(fc|c_fc|fc1)\./))
    it.each(['gelu', 'gelu-tanh', 'quick-gelu', 'relu'] as const)(
      'notices the activation %s unless it is its own',
      async (activation) => {
        const own = activationOf(test.name);
        const error = await errorOf(test, weights, cpu, { activation });
        if (activation === own) expect(error).toBeLessThanOrEqual(limit);
        else expect(error).toBeGreaterThan(limit);
      },
    );

  if (has(/ln_|norm/))
    it.each([1e-6, 1e-12])('notices the epsilon %s instead of 1e-5', async (epsilon) => {
      expect(await errorOf(test, weights, cpu, { epsilon })).toBeGreaterThan(limit);
    });

  const positions = golden.tensors.map(([name]) => name).filter((name) => /wpe|positional_embedding|\.pos$/.test(name));
  if (positions.length)
    it('notices positions that are off by one', async () => {
      expect(await errorOf(test, spoiled(shifted(positions[0]!)))).toBeGreaterThan(limit);
    });
});

function activationOf(name: string): string {
  if (name.startsWith('open-clip')) return 'gelu';
  if (name === 'vit' || name === 'clip-text-tower') return 'quick-gelu';
  return name === 'transformer-mapper' ? 'relu' : 'gelu-tanh';
}

afterAll(() => {
  if (process.env.STUDIO_GOLDEN_TABLE) console.table(table);
});
