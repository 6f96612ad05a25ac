import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inProcess, program, root, SharedEngines } from '../test-cli';
import { drawCollection } from '../test-photos';

const folder = mkdtempSync(join(tmpdir(), 'studio-collections-'));
const engines = new SharedEngines();
const env = {
  ...process.env,
  STUDIO_DEVICE: 'cpu',
  STUDIO_ROOT: root,
  DATABASE_URL: `file:${join(folder, 'studio.db')}`,
  STUDIO_HEARTBEAT_MS: '200',
  STUDIO_STALE_MS: '1500',
};
const studio = (...args: string[]) => inProcess(args, { cwd: folder, env, openEngine: engines.openEngine });
const greedy = ['--decoder', 'clipcap', '--option', 'clipcap.search=greedy'];
type Runs = { runs: { id: string; status: string; working: boolean; done: number; total: number; failed: number }[] };
const listed = async () => (JSON.parse((await studio('collections', 'list', '--json')).out) as Runs).runs;

beforeAll(async () => {
  for (const name of ['few', 'many']) mkdirSync(join(folder, name));
  await drawCollection(join(folder, 'few'), 3);
  writeFileSync(join(folder, 'few', 'broken.png'), 'no picture');
  await drawCollection(join(folder, 'many'), 24);
});
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A process that captions slowly, once it has begun. */
async function slow(out: string) {
  const child = spawn(process.execPath, [program, 'caption', 'many', ...greedy, '--out', out, '--shard', '4'], {
    cwd: folder,
    env: { ...env, STUDIO_SLOW_STEP_MS: '40' },
  });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  await expect.poll(async () => (await listed())[0]?.working, { timeout: 120_000, interval: 200 }).toBe(true);
  return { child, ended, err: () => err };
}

it('tells of runs and of what failed in them, and names none where there is none', { timeout: 120_000 }, async () => {
  expect((await studio('collections', 'list')).out).toMatch(/No collection was run yet/);
  expect((await studio('caption', 'few', ...greedy, '--out', 'few.jsonl')).status).toBe(1);
  const { out } = await studio('collections', 'list');
  expect(out).toMatch(/^[0-9a-f]{12} {2}finished {5}4 of 4 photos, 1 could not be read .* few\n/);
  const [{ id }] = (await listed()) as [Runs['runs'][0]];
  const shown = await studio('collections', 'show', id.slice(0, 8));
  expect(shown.out).toMatch(/\n {2}broken\.png: .*not a picture|\n {2}broken\.png: \S/);
  for (const [args, words] of [
    [['show', 'zz'], /There is no run zz/],
    [['pause'], /Name a run by its id/],
    [['cancel', id], /This run is finished/],
  ] as const) {
    const { status, err } = await studio('collections', ...args);
    expect([status, err]).toEqual([args.length > 1 ? 1 : 2, expect.stringMatching(words)]);
  }
});

it('pauses a run of another process, and tells one that was cut off', { timeout: 240_000 }, async () => {
  const first = await slow('many.jsonl');
  const [{ id }] = (await listed()) as [Runs['runs'][0]];
  expect((await studio('collections', 'pause', id)).out).toMatch(/paused/);
  expect(await first.ended).not.toBe(0);
  expect(first.err()).toMatch(/The run was paused elsewhere after \d+ of 24 photos/);
  expect((await studio('caption', 'many', ...greedy, '--out', 'many.jsonl', '--shard', '4', '--resume')).status).toBe(
    0,
  );
  expect((await listed())[0]).toMatchObject({ id, status: 'finished', done: 24 });

  rmSync(join(folder, 'many', '0000.png'));
  const second = await slow('other.jsonl');
  second.child.kill('SIGKILL');
  await second.ended;
  await expect
    .poll(async () => (await studio('collections', 'list')).out, { timeout: 30_000, interval: 300 })
    .toMatch(/interrupted/);
  const [cut] = await listed();
  expect((await studio('collections', 'cancel', cut!.id)).out).toMatch(/cancelled/);
});
