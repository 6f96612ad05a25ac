import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Golden, goldenWeights, numbers, relativeError, unpack } from '../../models/networks/goldens/golden';
import { buildGpt } from '../../models/networks/gpt';
import { clipVit, type clipVitB32, gpt2, type gpt2Small } from '../../models/networks/published-keys';
import type { GraphOptions } from '../../models/networks/types';
import { buildVit } from '../../models/networks/vit';
import { NodeRuntime } from '../../models/runtime/node';
import type { Precision, Runtime, Tensor } from '../../models/runtime/types';
import { causalBias } from '../../models/spaces/attention-bias';

const precisions: readonly Precision[] = ['fp32', 'fp16', 'q8'];

/**
 * Compares GPT-2 124M and ViT-B/32 on the CPU with what `models/networks/goldens/make.py --full DIR` wrote from
 * PyTorch.
 * @returns lines "network precision output: error as a share of the largest output"
 */
export async function checkFullGoldens(folder: string): Promise<string[]> {
  const runtime = new NodeRuntime({ device: { name: 'cpu' } });
  const lines: string[] = [];
  for (const [name, run] of [
    ['gpt2', runGpt2],
    ['vit', runVit],
  ] as const) {
    const golden = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as Golden;
    for (const precision of precisions) {
      const outputs = await run(runtime, golden, { precision, device: 'cpu' });
      for (const [output, packed] of Object.entries(golden.outputs)) {
        const values = await outputs[output]!.read();
        if (values instanceof BigInt64Array) {
          const same = unpack(packed).filter((id, i) => BigInt(id) === values[i]).length;
          lines.push(`${name} ${precision} ${output}: ${same} of ${values.length} equal`);
        } else
          lines.push(
            `${name} ${precision} ${output}: ${relativeError(values as Float32Array, unpack(packed)).toExponential(1)}`,
          );
      }
      for (const tensor of Object.values(outputs)) tensor.dispose();
    }
  }
  await runtime.close();
  return lines;
}

async function runGpt2(runtime: Runtime, golden: Golden, options: GraphOptions): Promise<Record<string, Tensor>> {
  const sizes = golden.config as typeof gpt2Small;
  const session = await runtime.load(buildGpt(gpt2(sizes), goldenWeights(golden), options), { name: 'GPT-2 124M' });
  const rows = golden.ids!;
  const length = rows[0]!.length;
  const long = (values: number[], dims: number[]) => runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const feeds: Record<string, Tensor> = {
    prefix_embeds: runtime.tensor('float32', new Float32Array(0), [rows.length, 0, sizes.width]),
    input_ids: long(rows.flat(), [rows.length, length]),
    position_ids: long(
      Array.from({ length }, (_, i) => i),
      [length],
    ),
    attention_bias: runtime.tensor('float32', causalBias(0, length), [1, 1, length, length]),
    told_tokens: long(
      rows.map((_, row) => row * length + length - 1),
      [rows.length],
    ),
    head_rows: long(
      rows.map((_, row) => row),
      [rows.length],
    ),
    beam_index: long(
      rows.map(() => 0),
      [rows.length],
    ),
    k: long([8], [1]),
    temperature: runtime.tensor('float32', Float32Array.of(golden.temperature!), [1]),
  };
  for (const name of session.inputs)
    if (name.startsWith('past_'))
      feeds[name] = runtime.tensor('float32', new Float32Array(0), [1, sizes.heads, 0, sizes.width / sizes.heads]);
  const outputs = await session.run(feeds);
  await session.release();
  return outputs;
}

async function runVit(runtime: Runtime, golden: Golden, options: GraphOptions): Promise<Record<string, Tensor>> {
  const sizes = golden.config as typeof clipVitB32;
  const session = await runtime.load(buildVit(clipVit(sizes), goldenWeights(golden), options), { name: 'ViT-B/32' });
  const dims = [2, 3, sizes.size, sizes.size];
  const outputs = await session.run({ pixels: runtime.tensor('float32', numbers('pixels', dims, 0, 1), dims) });
  await session.release();
  return outputs;
}
