import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Page, test as base } from '@playwright/test';
import { ports } from './ports';
import { recordSample, reopenSample } from './recorded-sample';

/**
 * What a studio is like: the usual one; one where each browser is an owner of its own; one on a device that takes its
 * time for every model run.
 */
export type Kind = 'studio' | 'owners' | 'slow';
const settings: Record<Kind, Record<string, string>> = {
  studio: {},
  owners: { STUDIO_OWNERS: 'browser', STUDIO_ADDRESSES: 'any', STUDIO_CLIENT_RUNS_PER_MINUTE: '1000' },
  slow: { STUDIO_SLOW_STEP_MS: '60' },
};

/**
 * A production server of the kind that the project asks for, on a fresh database. A worker starts it for its first test
 * and ends it after its last; no other worker uses it, so tests of one file after the other are all that share it.
 */
export const test = base.extend<
  {
    /** Opens the sample's finished comparison, as the engine of this very run decoded it (recorded-sample.ts). */
    openSample: (page: Page) => Promise<void>;
  },
  { kind: Kind; studio: string; recorded: Buffer }
>({
  kind: ['studio', { scope: 'worker', option: true }],
  studio: [
    async ({ kind }, give) => {
      const address = `http://127.0.0.1:${ports[kind]}`;
      const server = await start(kind, address);
      await give(address);
      await server.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  recorded: [async ({ studio }, give) => give(await recordSample(studio)), { scope: 'worker', timeout: 120_000 }],
  baseURL: async ({ studio }, give) => give(studio),
  openSample: async ({ recorded }, give) => give((page) => reopenSample(page, recorded)),
});

/** A server of a test's own, with settings of its own. */
export type Running = {
  process: ChildProcess;
  /** All that it has written so far. */
  said: () => string;
  stop: () => Promise<void>;
};

const start = (kind: Kind, address: string) => startStudio(kind, ports[kind], settings[kind], address);

/**
 * @param name of its database, with the worker's process
 * @param address where it says that it answers
 */
export async function startStudio(
  name: string,
  port: number,
  environment: Record<string, string> = {},
  address = `http://127.0.0.1:${port}`,
): Promise<Running> {
  const own = `${name}-${process.pid}`;
  const server = spawn(process.execPath, ['server/setup/start.mjs', '--prepared'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: `file:./.studio/e2e/${own}.db`,
      STUDIO_INSTALLED_DIR: `./.studio/e2e/${own}-families`,
      HF_ENDPOINT: `http://127.0.0.1:${ports.hub}`,
      HF_TOKEN: '',
      STUDIO_HUB_RETRY_MS: '50',
      ...environment,
    },
  });
  // A run that is interrupted ends its workers without ceremony.
  process.once('exit', () => server.kill('SIGTERM'));
  let said = '';
  server.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  server.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    process.stderr.write(chunk);
  });
  // Its own word, not the port's: somebody else's studio may answer there.
  while (server.exitCode === null) {
    if (said.includes(`answers on ${address}`)) return { process: server, said: () => said, stop: () => stop(server) };
    await sleep(50);
  }
  throw new Error(`The studio of the tests did not start:\n${said}`);
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  if (await Promise.race([ended.then(() => false), sleep(10_000, true, { ref: false })])) server.kill('SIGKILL');
  await ended;
}
