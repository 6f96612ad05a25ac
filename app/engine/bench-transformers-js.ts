import { AutoModelForCausalLM, env, Tensor } from '@xenova/transformers';
import { randomWeights, gpt2Shapes } from '@/models/bench/random-weights';
import { timed } from '@/models/bench/timing';
import { buildTransformersJsGpt } from '@/models/bench/transformers-js-gpt';
import { gpt2, gpt2Small } from '@/models/networks/published-keys';
import { msg } from '../languages/msg';
import { beams, type BenchJob, type TransformersJsResult } from './bench-jobs';
import { onnxruntimeFiles } from './open-device';

const prompt = 10;
const fresh = 16;

/** Times transformers.js's own generation (greedy, batch of 5) on the shapes of GPT-2 124M with random weights. */
export async function timeTransformersJs(
  { device, precision }: BenchJob,
  threads: number | undefined,
  note: (text: string) => void,
): Promise<TransformersJsResult> {
  note(msg('building the model in the layout of transformers.js'));
  const model = buildTransformersJsGpt(gpt2(gpt2Small), randomWeights(gpt2Shapes(gpt2Small)), { precision, device });
  const { layers, heads, width, vocabulary, positions } = gpt2Small;
  const config = {
    model_type: 'gpt2',
    architectures: ['GPT2LMHeadModel'],
    n_layer: layers,
    n_head: heads,
    n_embd: width,
    n_positions: positions,
    vocab_size: vocabulary,
    bos_token_id: 0,
    eos_token_id: 0,
  };
  const files: Record<string, BodyInit> = {
    'config.json': JSON.stringify(config),
    'generation_config.json': '{}',
    'onnx/model.onnx': model as Uint8Array<ArrayBuffer>,
  };
  // Everything comes from memory: a cache that already holds the files, and nothing else to ask.
  env.allowLocalModels = true;
  env.allowRemoteModels = false;
  env.useBrowserCache = false;
  env.useCustomCache = true;
  env.customCache = {
    match: async (request: string) => {
      const found = Object.entries(files).find(([name]) => String(request).endsWith(name));
      return found && new Response(found[1]);
    },
    put: async () => undefined,
  };
  // It runs WASM, too, on onnxruntime's build for WebGPU.
  onnxruntimeFiles(env.backends.onnx as Parameters<typeof onnxruntimeFiles>[0], 'webgpu', threads);
  note(msg('transformers.js loads it'));
  const loaded = await timed(() =>
    AutoModelForCausalLM.from_pretrained('bench/gpt2', { device, dtype: 'fp32', local_files_only: true }),
  );
  const ids = new Tensor(
    'int64',
    BigInt64Array.from({ length: beams * prompt }, (_, i) => BigInt(31 * i + 5)),
    [beams, prompt],
  );
  const mask = new Tensor('int64', new BigInt64Array(beams * prompt).fill(1n), [beams, prompt]);
  const generate = (count: number) =>
    timed(() =>
      loaded.result.generate({
        inputs: ids,
        attention_mask: mask,
        max_new_tokens: count,
        min_new_tokens: count,
        do_sample: false,
      } as Parameters<typeof loaded.result.generate>[0]),
    );
  note(msg('warming up'));
  await generate(2);
  note(msg('generating tokens'));
  // The difference leaves the prefill out, as for our steps.
  const [short, long] = [await generate(1), await generate(1 + fresh)];
  const stepMs = (long.ms - short.ms) / fresh;
  await loaded.result.dispose();
  return { loadMs: loaded.ms, stepMs, tokensPerSecond: (1000 * beams) / stepMs };
}
