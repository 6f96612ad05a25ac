// `npm run proof -- fuzz [COUNT] [--seed=N] [--json]`:
// 10,000 mutants of checkpoints through the readers, in a worker that is watched for hangs and memory.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { originals, tryMutant } from '../../models/files/fuzz/run';

const limits = { ms: 2000, bytes: 1e9 };

/** The worker's side: tells which mutant it is at through shared memory, so that a hang can be named. */
function work(): void {
  const { from, to, progress } = workerData as { from: number; to: number; progress: SharedArrayBuffer };
  const current = new Int32Array(progress);
  const files = originals();
  const result = {
    read: 0,
    refused: 0,
    crashes: [] as { seed: number; crash: string }[],
    slowestMs: 0,
    slowest: -1,
    peakBytes: 0,
  };
  const before = process.memoryUsage().rss;
  for (let seed = from; seed < to; seed++) {
    Atomics.store(current, 0, seed);
    const start = performance.now();
    const outcome = tryMutant(files, seed);
    const ms = performance.now() - start;
    if (ms > result.slowestMs) Object.assign(result, { slowestMs: ms, slowest: seed });
    if (typeof outcome === 'object') result.crashes.push({ seed, crash: outcome.crash });
    else result[outcome]++;
    if (seed % 50 === 0) result.peakBytes = Math.max(result.peakBytes, process.memoryUsage().rss - before);
  }
  parentPort!.postMessage(result);
}

async function main(): Promise<void> {
  const count = Number(process.argv.find((arg) => /^\d+$/.test(arg)) ?? 10_000);
  const first = Number(/--seed=(\d+)/.exec(process.argv.join(' '))?.[1] ?? 0);
  const progress = new SharedArrayBuffer(4);
  const current = new Int32Array(progress);
  Atomics.store(current, 0, first);
  const start = performance.now();
  const worker = new Worker(new URL(import.meta.url), { workerData: { from: first, to: first + count, progress } });
  let [seen, since] = [first, performance.now()];
  const watch = setInterval(() => {
    const now = Atomics.load(current, 0);
    if (now !== seen) [seen, since] = [now, performance.now()];
    else if (performance.now() - since > 5 * limits.ms) {
      console.error(`Mutant ${now} hangs (npm run proof -- fuzz 1 --seed=${now}).`);
      process.exit(1);
    }
  }, 500);
  const result = await new Promise<{
    read: number;
    refused: number;
    crashes: { seed: number; crash: string }[];
    slowestMs: number;
    slowest: number;
    peakBytes: number;
  }>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  clearInterval(watch);
  const { crashes, ...rest } = result;
  for (const { seed, crash } of crashes.slice(0, 10)) console.error(`Mutant ${seed}: ${crash}`);
  const summary = { mutants: count, ...rest, crashes: crashes.length, seconds: (performance.now() - start) / 1000 };
  if (process.argv.includes('--json')) console.log(JSON.stringify(summary));
  else
    console.log(
      `${count} mutants in ${summary.seconds.toFixed(0)} s: ${result.read} read, ${result.refused} refused by name, ${crashes.length} crashes; ` +
        `slowest ${result.slowestMs.toFixed(0)} ms (mutant ${result.slowest}), memory grew by ${(result.peakBytes / 1e6).toFixed(0)} MB at most`,
    );
  if (crashes.length || result.slowestMs > limits.ms || result.peakBytes > limits.bytes) process.exitCode = 1;
}

if (isMainThread) await main();
else work();
