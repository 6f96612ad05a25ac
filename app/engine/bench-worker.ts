// The bench's Web Worker: does one job and reports. Ended and started anew for each, so that memory and caches are
// equal for all.
import { loadGpt, runSteps } from '@/models/bench/gpt';
import { timeProducts } from '@/models/bench/products';
import { quantile, timed } from '@/models/bench/timing';
import { compare } from '@/models/compare';
import { decoders } from '@/models/decoders/registry';
import { StudioError } from '@/models/errors';
import { Scheduler } from '@/models/runtime/scheduler';
import type { WebRuntime } from '@/models/runtime/web';
import type { RgbImage } from '@/models/spaces/image';
import { msg } from '../languages/msg';
import {
  beams,
  type BenchJob,
  type BenchResult,
  type FromBench,
  type GptResult,
  type PocketResult,
  type ProductsResult,
} from './bench-jobs';
import { timeTransformersJs } from './bench-transformers-js';
import { webDevices } from './devices';
import { StoredFamilies } from './families';
import { openDevice } from './open-device';
import { Weights } from './weights';

const send = (message: FromBench) => self.postMessage(message);
const note = (text: string) => send({ kind: 'note', text });

async function gpt2({ device, precision }: BenchJob, runtime: WebRuntime): Promise<GptResult> {
  note(msg('building GPT-2 124M with random weights'));
  const { session, buildMs, loadMs } = await loadGpt(
    runtime,
    precision === 'q8' ? 'q8' : precision === 'fp16' ? 'fusedFp16' : 'fusedFp32',
  );
  note(msg('warming up'));
  const warmUp = await timed(async () => [
    await runSteps(runtime, session, 1, 1),
    await runSteps(runtime, session, beams, 1),
  ]);
  const count = device === 'webgpu' ? 8 : 24;
  note(msg('timing steps'));
  const [one, five] = [await runSteps(runtime, session, 1, count), await runSteps(runtime, session, beams, count)];
  await session.release();
  const step5Ms = quantile(five.stepMs, 0.5);
  return {
    buildMs,
    loadMs,
    warmUpMs: warmUp.ms,
    prefillMs: one.prefillMs,
    step1Ms: quantile(one.stepMs, 0.5),
    step5Ms,
    tokensPerSecond: (1000 * beams) / step5Ms,
  };
}

async function products({ device }: BenchJob, runtime: WebRuntime): Promise<ProductsResult> {
  note(msg('timing the matrix products of a step alone'));
  const [products1Ms, products5Ms] = (await timeProducts(runtime, [1, beams], device === 'webgpu' ? 8 : 24)) as [
    number,
    number,
  ];
  return { products1Ms, products5Ms };
}

async function pocket({ precision }: BenchJob, runtime: WebRuntime): Promise<PocketResult> {
  const families = new StoredFamilies(new Weights(), runtime, precision);
  const scheduler = new Scheduler();
  const once = async (n: number) => {
    const start = performance.now();
    let encodeMs = 0;
    let firstCaptionMs = 0;
    const lanes = decoders.map(({ name }) => ({ id: name, decoder: name }));
    for await (const event of compare(
      { family: 'pocket', input: { kind: 'image', image: scene(n) }, lanes },
      { scheduler, openFamily: (name) => families.get(name) },
    )) {
      if (event.type === 'encoded') encodeMs = event.ms;
      if (event.type === 'lane-finished') firstCaptionMs ||= performance.now() - start;
      if (event.type === 'lane-failed') throw StudioError.fromData(event.error);
    }
    return { ms: performance.now() - start, encodeMs, firstCaptionMs };
  };
  note(msg('loading pocket and captioning once'));
  const cold = await once(0);
  const warm = [];
  for (let n = 1; n <= 3; n++) {
    note(msg('captioning warm'));
    warm.push(await once(n));
  }
  return {
    coldMs: cold.ms,
    encodeMs: quantile(
      warm.map(({ encodeMs }) => encodeMs),
      0.5,
    ),
    warmMs: quantile(
      warm.map(({ ms }) => ms),
      0.5,
    ),
    firstCaptionMs: quantile(
      warm.map(({ firstCaptionMs }) => firstCaptionMs),
      0.5,
    ),
  };
}

/** A drawn picture: a sun over a field. */
function scene(n: number): RgbImage {
  const [width, height] = [320, 240];
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      data.set(
        Math.hypot(x - 60 - 40 * n, y - 50) < 30
          ? [250, 220, 60]
          : y > 150
            ? [40, 130 + (x % 5) * 8, 50]
            : [120, 170, 230],
        (y * width + x) * 3,
      );
  return { width, height, data };
}

async function run(job: BenchJob): Promise<BenchResult> {
  const { adapter, threads } = (await webDevices()).find(({ name }) => name === job.device) ?? {};
  const about = { ...job, ...(adapter ? { adapter } : {}), ...(threads ? { threads } : {}) };
  try {
    if (job.what === 'transformers-js') return { ...about, result: await timeTransformersJs(job, threads, note) };
    const runtime = await openDevice(job.device);
    return { ...about, result: await { gpt2, products, pocket }[job.what](job, runtime) };
  } catch (error) {
    return { ...about, error: StudioError.from(error).message };
  }
}

self.onmessage = ({ data }: MessageEvent<BenchJob>) =>
  void run(data).then((result) => send({ kind: 'result', result }));
