import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../db/open';
import { scratchFolder } from '../../studio/test-studio';
import { ScriptedBatches, testInputs, testPrepare, testSettings } from '../run/scripted-batches';
import type { RunRequest } from '../run/types';
import { score } from '../../../models/metrics/score';
import { CollectionService } from '../service';
import { RunTable } from './run-table';
import { CollectionTables } from './tables';

let scratch: ReturnType<typeof scratchFolder>;
let database: Database;
let service: CollectionService | undefined;
beforeEach(async () => {
  scratch = scratchFolder();
  database = await openDatabase(scratch.url);
});
afterEach(async () => {
  await service?.close();
  service = undefined;
  await database.$disconnect();
  scratch.remove();
});

async function start(engine = new ScriptedBatches(), changed: Partial<RunRequest> = {}): Promise<string> {
  const tools = async () => ({ engine, prepare: testPrepare });
  await service?.close();
  service = new CollectionService(database, { tools, heartbeatMs: 20, staleMs: 60_000 });
  const request = { title: 'holidays', inputs: testInputs(30, [3]), settings: testSettings, shardSize: 10, ...changed };
  return service.start(request);
}
const ended = async (id: string) => {
  for await (const _ of service!.follow(id));
};
const two = [
  { id: 'clipcap', decoder: 'clipcap', options: {} },
  { id: 'decap', decoder: 'decap', options: {} },
];

describe('the table of a collection', () => {
  it('has a row for every photo of every shard, with how far its lanes are apart', async () => {
    const id = await start(new ScriptedBatches({ laneFails: new Set(['7']) }), {
      settings: { ...testSettings, lanes: two },
    });
    await ended(id);
    const tables = new CollectionTables(database);
    expect(await tables.list('local')).toMatchObject([
      { id, title: 'holidays', status: 'finished', total: 30, done: 30, failed: 2, lanes: [{ id: 'clipcap' }, two[1]] },
    ]);
    const { rows, fit, all } = await tables.rows('local', id, {});
    expect([fit, all]).toEqual([30, 30]);
    expect(rows.map(({ key, place }) => [key, place])).toEqual(testInputs(30).map(({ key }, place) => [key, place]));
    expect(rows[0]).toMatchObject({ disagreement: 1, cells: [{ lane: 'clipcap', caption: expect.any(String) }, {}] });
    expect(rows[3]).toMatchObject({ cells: [], error: { code: 'image-unreadable' } });
    expect(rows[7]!.cells).toMatchObject([{ error: { code: 'internal' } }, { error: {} }]);
    const failed = await tables.rows('local', id, { trust: 'failed', sort: { by: 'key', down: true } });
    expect(failed.rows.map(({ key }) => key)).toEqual(['7', '3']);
    expect(await tables.rows('local', id, { from: 28, count: 5 })).toMatchObject({
      rows: [{ key: '28' }, { key: '29' }],
    });
  });

  it('grows while the run is worked on, whole batches at a time', async () => {
    let go = () => {};
    const second = new Promise<void>((resolve) => (go = resolve));
    const tables = new CollectionTables(database);
    const id = await start(new ScriptedBatches({ before: (keys) => (keys.includes('16') ? second : undefined) }));
    await expect.poll(async () => (await tables.rows('local', id, {})).all).toBeGreaterThanOrEqual(10);
    const { all: before } = await tables.rows('local', id, {});
    expect([10, 14]).toContain(before);
    expect(await tables.card('local', id)).toMatchObject({ status: 'running', done: before });
    go();
    await ended(id);
    const { all, rows } = await tables.rows('local', id, { sort: { by: 'caption' } });
    expect(all).toBe(30);
    const captions = rows.flatMap(({ cells }) => cells[0]?.caption ?? []);
    expect(captions).toEqual([...captions].sort());
  });

  it('reads a shard anew that was worked again', async () => {
    const photo = (key: string, caption: string) => ({ key, rows: [{ lane: 'a', decoder: 'a', caption }] });
    let lines = [photo('x', 'before'), photo('y', 'before')];
    const table = new RunTable(async function* (_, skip) {
      yield* lines.slice(skip);
    });
    const of = async (attempts: number, done: number) =>
      (await table.page([{ name: 's', first: 0, attempts, done }], {})).rows.map(({ cells }) => cells[0]!.caption);
    expect(await of(1, 2)).toEqual(['before', 'before']);
    lines = [photo('x', 'after'), photo('y', 'after')];
    expect(await of(1, 2)).toEqual(['before', 'before']);
    expect(await of(2, 1)).toEqual(['after']);
    expect(await of(2, 2)).toEqual(['after', 'after']);
  });

  it('is its owner’s alone, as are its photos and what is done to it', async () => {
    const id = await start();
    await ended(id);
    const tables = new CollectionTables(database);
    expect(await tables.list('somebody')).toEqual([]);
    for (const asked of [
      () => tables.rows('somebody', id, {}),
      () => tables.card('somebody', id),
      () => tables.picture('somebody', id, '0', 'small'),
      () => tables.demand('somebody', id),
      () => tables.rows('local', 'f'.repeat(64), {}),
    ])
      await expect(asked()).rejects.toMatchObject({ code: 'not-found' });
  });

  it('shows photos that are files, and says of others why it does not', async () => {
    const file = join(scratch.folder, 'red.png');
    const red = { create: { width: 400, height: 200, channels: 3, background: '#c00' } } as const;
    writeFileSync(file, await sharp(red).png().toBuffer());
    const inputs = testInputs(4).map((input, n) => (n < 2 ? { ...input, file: n ? `${file}.gone` : file } : input));
    // Asked for by a process that looked before another wrote where they lie.
    const tables = new CollectionTables(database);
    const id = await start(undefined, { inputs: inputs.map(({ file: _, ...input }) => input) });
    await ended(id);
    await expect(tables.picture('local', id, '0', 'small')).rejects.toThrow(/files of their own/);
    await start(undefined, { inputs });
    await ended(id);
    expect((await tables.rows('local', id, {})).rows.map(({ shown }) => shown)).toEqual([
      true,
      true,
      undefined,
      undefined,
    ]);
    const small = await sharp(await tables.picture('local', id, '0', 'small')).metadata();
    expect([small.format, small.width, small.height]).toEqual(['jpeg', 160, 80]);
    await expect(tables.picture('local', id, '1', 'small')).rejects.toThrow(/not where it was/);
    await expect(tables.picture('local', id, '2', 'small')).rejects.toThrow(/files of their own/);
    writeFileSync(file, 'no picture any more');
    await expect(tables.picture('local', id, '0', 'small')).rejects.toMatchObject({ code: 'image-unreadable' });
    rmSync(file);
    await expect(tables.picture('local', id, '0', 'small')).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('references of a collection', () => {
  const line = (image: string, ...captions: string[]) => JSON.stringify({ image, captions });
  const bytes = (...lines: string[]) => new TextEncoder().encode(`${lines.join('\n')}\n`);

  it('give rows what people wrote and scores as `score` has them, and lanes means; unknown names are told', async () => {
    const id = await start();
    await ended(id);
    const tables = new CollectionTables(database);
    const { rows: plain } = await tables.rows('local', id, { count: 100 });
    const captions = plain.map(({ cells }) => cells[0]?.caption);
    const given = [0, 1, 2, 5].map((n) => ({
      caption: captions[n]!,
      references: [`${captions[n === 0 ? 1 : n]} wall`, 'a wall'],
    }));
    const file = bytes(
      ...[0, 1, 2, 5].map((n, i) => line(String(n), ...given[i]!.references)),
      line('somebody.jpg', 'a stranger'),
      line('3', 'what cannot be read'),
    );
    expect(await tables.references('local', id)).toBeNull();
    expect(await tables.takeReferences('local', id, 'mine.jsonl', file)).toMatchObject({
      ...{ file: 'mine.jsonl', photos: 5, without: 25, unknown: ['somebody.jpg'], unknownCount: 1 },
    });
    const { rows } = await tables.rows('local', id, {
      sort: { by: 'ciderD', lane: 'clipcap', down: true },
      count: 100,
    });
    expect(
      rows
        .slice(0, 4)
        .map(({ key }) => key)
        .sort(),
    ).toEqual(['0', '1', '2', '5']);
    expect(rows[3]!.key).toBe('0');
    expect(rows[0]!.references).toEqual([expect.stringMatching(/ wall$/), 'a wall']);
    expect(rows[4]!.cells[0]?.ciderD).toBeUndefined();
    const means = await tables.means('local', id, {});
    const expected = score([...given]);
    expect(means.rows).toBe(30);
    // The photo that cannot be read has references too, which count as documents.
    expect(means.lanes.clipcap!.rougeL).toMatchObject({ n: 4, mean: expect.closeTo(expected.rougeL, 3) });
    expect(means.lanes.clipcap!.ciderD!.half).toBeGreaterThan(0);
    expect((await tables.means('local', id, { text: captions[0]! })).rows).toBe(1);

    const none = tables.takeReferences('local', id, 'other.jsonl', bytes(line('x.jpg', 'a wall')));
    await expect(none).rejects.toThrow(/None of the 1 images of other.jsonl is in this collection: x.jpg/);
    await expect(tables.takeReferences('local', id, 'no.txt', bytes('?'))).rejects.toMatchObject({
      code: 'references-invalid',
    });
    await expect(tables.takeReferences('somebody', id, 'mine.jsonl', file)).rejects.toMatchObject({
      code: 'not-found',
    });
    // What was given before still stands, for another process too, until it is taken away.
    expect(await new CollectionTables(database).references('local', id)).toMatchObject({ file: 'mine.jsonl' });
    await tables.dropReferences('local', id);
    expect(await tables.references('local', id)).toBeNull();
    expect((await tables.rows('local', id, {})).rows[0]!.references).toBeUndefined();
  });
});
