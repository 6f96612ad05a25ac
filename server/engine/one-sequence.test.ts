import { expect, it } from 'vitest';
import { textCases } from '../../models/networks/goldens/cases';
import { goldenWeights } from '../../models/networks/goldens/golden';
import { buildTextTower } from '../../models/networks/text-tower';
import { NodeRuntime } from '../../models/runtime/node';
import type { Tensor } from '../../models/runtime/types';
import { TokenTree } from '../../models/spaces/token-tree';
import { findSoftwareVulkan } from '../setup/chromium.mjs';

// Without a GPU, the software Vulkan that comes with Chromium runs the same kernels, slowly.
const software = findSoftwareVulkan();
if (software) process.env.VK_ICD_FILENAMES ??= software;

// onnxruntime's fused attention is off by a third here.
it.skipIf(!software)(
  'scores texts of one sequence on WebGPU as on the CPU, many tokens that see their own text alone',
  { timeout: 120_000 },
  async () => {
    const { golden, config } = textCases[1]!;
    const { layers, width, heads } = config(golden);
    const tree = new TokenTree();
    const places = Array.from({ length: 18 }, (_, i) => tree.addWhole([1, 7, 9 + (i % 3), 20 + i, 2]));
    const { tokens, depths } = tree.from(0);
    const said: Float32Array[] = [];
    for (const name of ['cpu', 'webgpu'] as const) {
      const runtime = new NodeRuntime({ device: { name } });
      const model = buildTextTower(config(golden), goldenWeights(golden), { precision: 'fp32', device: name });
      const session = await runtime.load(model, { name: 'the text tower' });
      const long = (values: readonly number[], dims: readonly number[] = [values.length]) =>
        runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
      const feeds: Record<string, Tensor> = {
        input_ids: long(tokens, [1, tokens.length]),
        position_ids: long(depths),
        told_tokens: long(places),
        beam_index: long([0]),
        attention_bias: runtime.tensor('float32', tree.bias(0, false), [1, 1, tree.size, tree.size]),
      };
      for (let layer = 0; layer < layers; layer++)
        for (const part of ['key', 'value'])
          feeds[`past_${part}.${layer}`] = runtime.tensor('float32', new Float32Array(0), [1, heads, 0, width / heads]);
      const outputs = await session.run(feeds);
      said.push(Float32Array.from((await outputs.embedding!.read()) as Float32Array));
      await runtime.close();
    }
    const [right, found] = said as [Float32Array, Float32Array];
    const largest = Math.max(...right.map(Math.abs));
    right.forEach((value, i) => expect(Math.abs(value - found[i]!)).toBeLessThan(1e-4 * largest));
  },
);
