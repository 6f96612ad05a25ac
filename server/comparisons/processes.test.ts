import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scriptedEngine } from './scripted-engine';
import { openTestStudio, scratchFolder } from '../studio/test-studio';

type Line = { opened?: boolean; created?: string; id?: string; lane?: string; caption?: string; ended?: string };
const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = `${root}.studio/test/server-${process.pid}.mjs`;

let scratch: ReturnType<typeof scratchFolder>;
const children: ChildProcess[] = [];
beforeAll(() =>
  build({
    entryPoints: [fileURLToPath(new URL('../studio/test-server.ts', import.meta.url))],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  }),
);
afterAll(() => rmSync(bundle, { force: true }));
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  scratch.remove();
});

/** A server process of its own; `heard` collects what it says. */
function server(...args: (string | number)[]) {
  const child = spawn(process.execPath, [bundle, scratch.url, ...args.map(String)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const heard: Line[] = [];
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const lines = createInterface({ input: child.stdout });
  const said = (test: (line: Line) => boolean) =>
    new Promise<void>((resolve, reject) => {
      if (heard.some(test)) return resolve();
      lines.on('line', () => heard.some(test) && resolve());
      child.once('exit', (code) =>
        heard.some(test) ? resolve() : reject(new Error(`The server ended with ${code}: ${complaints}`)),
      );
    });
  lines.on('line', (line) => heard.push(JSON.parse(line) as Line));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, complaints }));
  return { child, heard, said, ended };
}

describe('server processes on one database', () => {
  it('make one new database at the same moment, and each migration is applied once', async () => {
    const servers = Array.from({ length: 6 }, () => server());
    for (const { ended } of servers) expect(await ended).toEqual({ code: 0, complaints: '' });
    const studio = await openTestStudio(scratch.url, scriptedEngine(1));
    const rows = await studio.database.$queryRaw<
      { name: string; n: bigint | number }[]
    >`SELECT migration_name AS name, count(*) AS n FROM _prisma_migrations WHERE finished_at IS NOT NULL GROUP BY 1`;
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(Number(row.n)).toBe(1);
    expect(await studio.database.$queryRaw`PRAGMA journal_mode`).toEqual([{ journal_mode: 'wal' }]);
    await studio.close();
  });

  it('write at the same time without losing a lane', async () => {
    const servers = [server(8, 5), server(8, 5)];
    for (const { ended } of servers) expect(await ended).toEqual({ code: 0, complaints: '' });
    const studio = await openTestStudio(scratch.url, scriptedEngine(1));
    expect(await studio.database.comparison.count({ where: { status: 'finished' } })).toBe(16);
    expect(await studio.database.lane.count({ where: { status: 'finished' } })).toBe(80);
    await studio.close();
  });

  it('loses nothing that was finished when one is killed, marks the rest interrupted, and leaves the other alone', async () => {
    const killed = server(2, 300);
    const living = server(1, 1_500);
    await Promise.all([
      killed.said((line) => line.lane === 'capdec'),
      living.said((line) => line.created !== undefined),
    ]);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const finished = killed.heard.filter((line) => line.lane !== undefined);
    expect(finished.length).toBeGreaterThanOrEqual(3);

    // The living server finds them by itself, two seconds after their last sign of life, while its own lanes go on.
    const ids = killed.heard.flatMap((line) => line.created ?? []);
    const own = living.heard.find((line) => line.created)!.created!;
    const studio = await openTestStudio(scratch.url, scriptedEngine(1));
    const ends = await Promise.all(
      ids.map(async (id) => {
        for await (const [, item] of studio.comparisons.follow(id, -1)) if (item.kind === 'ended') return item;
        return undefined;
      }),
    );
    expect(ends).toEqual(
      ids.map(() => ({
        kind: 'ended',
        status: 'interrupted',
        error: expect.objectContaining({ code: 'interrupted' }) as unknown,
      })),
    );
    expect(['queued', 'running']).toContain((await studio.comparisons.get(own)).status);
    for (const id of ids) {
      const view = await studio.comparisons.get(id);
      const seen = finished.filter((line) => line.id === id);
      for (const { lane, caption } of seen)
        expect(view.lanes.find((l) => l.id === lane)).toMatchObject({ status: 'finished', result: { caption } });
      expect(view.lanes.filter((lane) => lane.status === 'interrupted').length).toBeGreaterThanOrEqual(2);
      expect(view.lanes.every((lane) => lane.status === 'interrupted' || lane.status === 'finished')).toBe(true);
      expect(view.lanes.find((lane) => lane.status === 'interrupted')?.error?.message).toMatch(
        /went away.*Run it again/,
      );
    }

    expect(await living.ended).toEqual({ code: 0, complaints: '' });
    expect((await studio.comparisons.get(own)).lanes.map((lane) => lane.status)).toEqual(Array(5).fill('finished'));
    await studio.close();
  });
});
