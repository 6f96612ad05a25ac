import { setTimeout as sleep } from 'node:timers/promises';
import { largeExport } from './large-export';

type Times = { n: number; p50: number; p95: number; worst: number };
export type ImportLoadReport = {
  megabytes: number;
  importSeconds: number;
  /** How the import was answered: 400, as the file's last hash is wrong. */
  status: number;
  /** Milliseconds, while nothing else is asked and while the import is read. */
  rows: { what: string; quiet: Times; meanwhile: Times }[];
};

const asked = [
  { what: 'health', path: '/api/health' },
  { what: 'a page', path: '/history' },
];
/** The engine warms up after a start; it shall be idle. */
const warmUpMs = 20_000;
const pauseMs = 20;

/**
 * How long the studio at `address` takes for its health and for a page while it reads an import of `megabytes`, in the
 * thread for imports, with an idle engine.
 */
export async function benchImportLoad(
  address: string,
  megabytes: number,
  say: (line: string) => void,
): Promise<ImportLoadReport> {
  const body = largeExport(megabytes);
  say(`A file of ${(body.length / 1e6).toFixed(1)} MB is made; the engine warms up`);
  await sleep(warmUpMs);
  const quiet = await measure(address, async (soFar) => soFar >= 100);
  say('It is imported');
  let status = 0;
  const began = performance.now();
  let importSeconds = 0;
  const imported = fetch(`${address}/api/import`, { method: 'POST', body }).then(async (answer) => {
    await answer.arrayBuffer();
    status = answer.status;
    importSeconds = (performance.now() - began) / 1000;
  });
  const meanwhile = await measure(address, async () => status !== 0);
  await imported;
  return {
    megabytes: body.length / 1e6,
    importSeconds,
    status,
    rows: asked.map(({ what }, i) => ({ what, quiet: quiet[i]!, meanwhile: meanwhile[i]! })),
  };
}

/** Asks for one after the other until there is enough. */
async function measure(address: string, enough: (soFar: number) => Promise<boolean>): Promise<Times[]> {
  const times = asked.map((): number[] => []);
  while (!(await enough(times[0]!.length))) {
    for (const [i, { path }] of asked.entries()) {
      const start = performance.now();
      const answer = await fetch(address + path);
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${path} was answered with status ${answer.status}.`);
      times[i]!.push(performance.now() - start);
      await sleep(pauseMs);
    }
  }
  return times.map(summary);
}

function summary(times: number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), worst: at(1) };
}

export function describeImportLoad({ megabytes, importSeconds, status, rows }: ImportLoadReport): string {
  const words = ({ n, p50, p95, worst }: Times) =>
    `p50 ${p50.toFixed(0)}, p95 ${p95.toFixed(0)}, worst ${worst.toFixed(0)} ms of ${n}`;
  return [
    `An import of ${megabytes.toFixed(1)} MB was read in ${importSeconds.toFixed(1)} s and answered with ${status} (its last hash is wrong).`,
    ...rows.map(({ what, quiet, meanwhile }) => `${what}: ${words(meanwhile)} meanwhile; ${words(quiet)} before`),
    `wanted: p95 under 200 ms on a machine that does nothing else`,
  ].join('\n');
}
