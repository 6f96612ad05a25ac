// Kills a collection's run again and again, at moments drawn at random, and goes on: the file must be to the byte what
// it is without. `npm run proof -- collection-kills` does it fifty times over a thousand pictures.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded } from '../../../models/random';
import { program, root } from '../test-cli';
import { drawCollection } from '../test-photos';

const photos = Number(process.env.STUDIO_KILL_PHOTOS) || 60;
const kills = Number(process.env.STUDIO_KILLS) || 3;
const seed = Number(process.env.STUDIO_KILL_SEED) || 1;
const folder = mkdtempSync(join(tmpdir(), 'studio-kills-'));
const at = (...names: string[]) => join(folder, ...names);

beforeAll(async () => {
  mkdirSync(at('photos'));
  await drawCollection(at('photos'), photos);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The command in a process of its own, with a database of its own. `life` ms; without it, until it ends. */
async function run(place: string, out: string, life?: number) {
  const child = spawn(
    process.execPath,
    [
      ...[program, 'caption', 'photos', '--decoder', 'clipcap', '--beam', '2', '--out', out, '--resume'],
      ...['--shard', String(Math.ceil(photos / 10))],
    ],
    {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, STUDIO_ROOT: root, STUDIO_DEVICE: 'cpu', DATABASE_URL: `file:${at(place, 'studio.db')}` },
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  if (life !== undefined) {
    await Promise.race([sleep(life), ended]);
    child.kill('SIGKILL');
  }
  return { status: await ended, said };
}
const shards = (place: string) =>
  Object.fromEntries(
    readdirSync(at(place, 'studio.collections'))
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => [name, readFileSync(at(place, 'studio.collections', name), 'utf8')]),
  );

const title = `${kills} kills at random moments leave the file of ${photos} photos as it would be without`;
it(title, { timeout: 120_000 + kills * 60_000 }, async () => {
  const start = performance.now();
  let first: number | undefined;
  const watch = setInterval(() => {
    if (existsSync(at('unbroken.jsonl')) && statSync(at('unbroken.jsonl')).size) first ??= performance.now() - start;
  }, 10);
  expect(await run('unbroken', 'unbroken.jsonl')).toMatchObject({ status: 0 });
  clearInterval(watch);
  // From the start until some batches after the first: most lives do a little of the work, and some none.
  let longest = 1.2 * first! + ((performance.now() - start - first!) * 3) / kills;
  const random = seeded(seed);
  const moments: number[] = [];
  const left: number[] = [];
  for (let n = 0, again = 0; n < kills;) {
    const life = random() * longest;
    const { status, said } = await run('killed', 'killed.jsonl', life);
    if (status === null) {
      n++;
      moments.push(life);
      left.push(existsSync(at('killed.jsonl')) ? readFileSync(at('killed.jsonl'), 'utf8').split('\n').length - 1 : 0);
      // Lives in which nothing is done prove little: the machine has become slower.
      if (left.length > 3 && left.at(-1) === left.at(-4)) longest *= 1.2;
    } else {
      // It was done before it could be killed: once more from the beginning, with shorter lives.
      expect([status, said]).toEqual([0, expect.any(String)]);
      expect(readFileSync(at('killed.jsonl')).equals(readFileSync(at('unbroken.jsonl')))).toBe(true);
      expect(++again).toBeLessThan(10 + kills);
      longest *= 0.8;
      for (const name of ['killed', 'killed.jsonl']) rmSync(at(name), { recursive: true, force: true });
    }
  }
  const last = await run('killed', 'killed.jsonl');
  const told = `killed after ${moments.map(Math.round).join(', ')} ms, with ${left.join(', ')} photos in the file`;
  if (process.env.STUDIO_KILLS) console.log(told);
  expect(last, told).toMatchObject({ status: 0 });
  const rows = readFileSync(at('killed.jsonl'), 'utf8');
  expect(rows === readFileSync(at('unbroken.jsonl'), 'utf8'), told).toBe(true);
  expect(rows.trim().split('\n')).toHaveLength(photos);
  expect(shards('killed')).toEqual(shards('unbroken'));
  expect(readdirSync(at('killed', 'studio.collections', 'parts'))).toEqual([]);
});
