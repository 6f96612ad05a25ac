import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TableQuery } from '../../kept/collections/table';
import { StudioError } from '../../models/errors';
import { drawCollection } from '../cli/test-photos';
import { type Database, openDatabase } from '../db/open';
import { scratchFolder } from '../studio/test-studio';
import { type Asker, CollectionDesk, type DeskParts } from './desk';
import { ScriptedBatches } from './run/scripted-batches';
import type { SinkFormat } from './sinks/types';
import { sentBytes } from './uploads/uploads';

let scratch: ReturnType<typeof scratchFolder>;
let database: Database;
const desks: CollectionDesk[] = [];
beforeEach(async () => {
  scratch = scratchFolder();
  database = await openDatabase(scratch.url);
});
afterEach(async () => {
  for (const desk of desks.splice(0)) await desk.close();
  await database.$disconnect();
  scratch.remove();
});

/** A studio's desk with an engine that answers by script. */
function open(engine = new ScriptedBatches(), parts: Partial<DeskParts> = {}): CollectionDesk {
  const desk = new CollectionDesk(database, {
    engine: async () => ({ device: 'cpu', captionBatch: engine.captionBatch }),
    precision: 'fp32',
    families: {},
    addresses: 'off',
    demandRoom: async () => undefined,
    busy: () => false,
    heartbeatMs: 20,
    staleMs: 60_000,
    ...parts,
  });
  desks.push(desk);
  return desk;
}
const local: Asker = { owner: 'local', folders: true, enter: () => () => undefined };
const visitor: Asker = { owner: 'visitor', folders: false, enter: () => () => undefined };
const lanes = [{ id: 'clipcap', decoder: 'clipcap' }];
const inFolder = (...paths: string[]) => ({ of: { kind: 'paths' as const, paths }, lanes });

async function folder(count: number, broken = 0): Promise<string> {
  const path = join(scratch.folder, 'holidays');
  mkdirSync(path);
  await drawCollection(path, count - broken);
  for (let n = 0; n < broken; n++) writeFileSync(join(path, `broken-${n}.png`), 'no picture');
  return path;
}
const patient = { timeout: 20_000 };
const ended = (desk: CollectionDesk, id: string, asker = local, status = 'finished') =>
  expect.poll(async () => (await desk.tables.card(asker.owner, id)).status, patient).toBe(status);

describe('a collection that the page begins', () => {
  it('captions a folder of this machine, and says how many of it could not be read', async () => {
    const path = await folder(20, 3);
    writeFileSync(join(path, 'notes.md'), 'none');
    const desk = open();
    const begun = await desk.start(local, inFolder(`${path}/`));
    const { id } = begun;
    await ended(desk, id);
    // Begun and not yet at work is no interruption.
    expect(begun).toMatchObject({ status: 'running', total: 20 });
    expect(await desk.tables.card('local', id)).toMatchObject({
      title: `${path}/`,
      total: 20,
      done: 20,
      failed: 3,
      unread: 3,
      goesOn: true,
      sent: false,
      notes: [expect.stringMatching(/1 file is no picture/)],
    });
    const { rows } = await desk.tables.rows('local', id, { trust: 'failed' });
    expect(rows.map(({ key }) => key)).toEqual(['broken-0.png', 'broken-1.png', 'broken-2.png']);
  });

  it('says in words what is wrong with what was named, and begins nothing', async () => {
    const desk = open();
    const empty = join(scratch.folder, 'empty');
    mkdirSync(empty);
    const shut = join(scratch.folder, 'shut');
    mkdirSync(shut);
    await expect(desk.start(local, inFolder('pictures'))).rejects.toThrow(/no whole path.*\/home\/me\/pictures/);
    await expect(desk.start(local, inFolder(join(scratch.folder, 'gone')))).rejects.toThrow(/gone cannot be opened/);
    await expect(desk.start(local, inFolder(empty))).rejects.toThrow(/empty \(no file in it\)/);
    writeFileSync(join(empty, 'notes.md'), 'none');
    await expect(desk.start(local, inFolder(empty))).rejects.toThrow(/no picture in it.*1 file is no picture/);
    if (process.getuid?.() !== 0) {
      chmodSync(shut, 0);
      await expect(desk.start(local, inFolder(shut))).rejects.toThrow(/cannot be looked into/);
      chmodSync(shut, 0o700);
    }
    await expect(
      desk.start(local, { ...inFolder(empty), lanes: [{ id: 'x', decoder: 'nobody' }] }),
    ).rejects.toMatchObject({ code: 'decoder-unknown' });
    expect(await desk.tables.list('local')).toEqual([]);
  });

  it('lets nobody name folders whom they do not belong to, also to go on with a run', async () => {
    const path = await folder(2);
    const desk = open();
    await expect(desk.start(visitor, inFolder(path))).rejects.toMatchObject({ code: 'forbidden' });
    const administrator = { ...visitor, folders: true };
    const { id } = await desk.start(administrator, inFolder(path));
    await ended(desk, id, visitor);
    await expect(desk.resume(visitor, id)).rejects.toMatchObject({ code: 'forbidden' });
    // The same folder of the machine's own person is another run, of the same shards.
    const own = await desk.start(local, inFolder(path));
    expect(own.id).not.toBe(id);
    await expect(desk.tables.card('visitor', own.id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(desk.resume(visitor, own.id)).rejects.toMatchObject({ code: 'not-found' });
    await expect(desk.remove(visitor, own.id)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is paused and goes on; nothing is done twice, and another process goes on where one was cut off', async () => {
    const path = await folder(70);
    let go = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    const engine = new ScriptedBatches({ before: (keys) => (keys.includes('0040.png') ? gate : undefined) });
    const desk = open(engine);
    const { id } = await desk.start(local, inFolder(path));
    await expect.poll(async () => (await desk.tables.card('local', id)).done, patient).toBe(32);
    expect(await desk.set(local, id, 'paused')).toMatchObject({ status: 'paused' });
    go();
    await desk.resume(local, id);
    await ended(desk, id);
    // What was being read for the next batch when it was paused is dropped; what was done is not asked for again.
    const before = engine.asked.flat().filter((key) => key < '0064');
    expect([before.length, new Set(before).size]).toEqual([64, 64]);
    expect((await desk.tables.rows('local', id, { count: 100 })).rows).toHaveLength(70);

    // A studio that is closed in the middle: the run stands as interrupted, and a new one goes on by a button.
    rmSync(join(path, '0000.png'));
    const stuck = open(
      new ScriptedBatches({ before: (keys) => (keys.length < 32 ? new Promise(() => {}) : undefined) }),
    );
    const second = await stuck.start(local, inFolder(path));
    await expect.poll(async () => (await stuck.tables.card('local', second.id)).done, patient).toBe(64);
    await stuck.close();
    const last = new ScriptedBatches();
    const later = open(last);
    expect(await later.tables.card('local', second.id)).toMatchObject({
      status: 'interrupted',
      goesOn: true,
      done: 64,
    });
    expect((await later.resume(local, second.id)).id).toBe(second.id);
    await ended(later, second.id);
    expect(last.asked.map(({ length }) => length)).toEqual([5]);
  });

  it('tries photos that failed again where a finished run is gone on with', async () => {
    const path = await folder(4, 1);
    const desk = open();
    const { id } = await desk.start(local, inFolder(path));
    await ended(desk, id);
    // Mended without a change of what the listing tells would be the same run; this is another.
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#123' } })
      .png()
      .toFile(join(path, 'broken-0.png'));
    const again = await desk.resume(local, id);
    expect(again.id).not.toBe(id);
    await ended(desk, again.id);
    expect(await desk.tables.card('local', again.id)).toMatchObject({ total: 4, failed: 0 });
  });

  it('does not begin a batch while somebody waits for a single photo', async () => {
    const path = await folder(40);
    let busy = true;
    const engine = new ScriptedBatches();
    const desk = open(engine, { busy: () => busy });
    const { id } = await desk.start(local, inFolder(path));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(engine.asked).toEqual([]);
    busy = false;
    await ended(desk, id);
    expect(engine.asked).toHaveLength(2);
  });
});

describe('photos that a page sends', () => {
  const picture = (blue: number) =>
    sharp({ create: { width: 2000, height: 90, channels: 3, background: { r: 9, g: 40, b: blue } } })
      .withMetadata({ exif: { IFD0: { Copyright: 'secret' } } })
      .jpeg()
      .toBuffer();

  it('become a collection of their owner, with those that cannot be read, and are kept small and bare', async () => {
    const desk = open();
    const upload = await desk.uploads.begin('visitor', 'holidays', 4);
    for (const position of [0, 1])
      await desk.uploads.add('visitor', upload, { position, key: `${position}.jpg`, bytes: await picture(position) });
    await desk.uploads.add('visitor', upload, { position: 2, key: 'no.jpg', bytes: Buffer.from('no picture') });
    const tooLarge = new StudioError('image-too-large', 'The file is larger than 25 MB.');
    await desk.uploads.add('visitor', upload, { position: 3, key: 'large.jpg', error: tooLarge });
    expect(await desk.uploads.list('visitor')).toMatchObject([{ id: upload, title: 'holidays', total: 4, here: 4 }]);
    expect(await desk.uploads.list('local')).toEqual([]);
    const of = { kind: 'sent' as const, upload };
    await expect(desk.start(local, { of, lanes })).rejects.toMatchObject({ code: 'not-found' });
    const { id } = await desk.start(visitor, { of, lanes });
    await ended(desk, id, visitor);
    expect(await desk.tables.card('visitor', id)).toMatchObject({ title: 'holidays', sent: true, done: 4, unread: 2 });
    expect(await desk.uploads.list('visitor')).toEqual([]);
    const { rows } = await desk.tables.rows('visitor', id, {});
    expect(rows.map(({ key, shown, error }) => [key, shown, error?.code])).toEqual([
      ['0.jpg', true, undefined],
      ['1.jpg', true, undefined],
      ['no.jpg', undefined, 'image-unreadable'],
      ['large.jpg', undefined, 'image-too-large'],
    ]);
    const kept = await desk.tables.photo('visitor', id, '0.jpg');
    const { width, exif } = await sharp(kept).metadata();
    expect([width, exif]).toEqual([1024, undefined]);
    await expect(desk.tables.photo('local', id, '0.jpg')).rejects.toMatchObject({ code: 'not-found' });
    expect(await sentBytes(database, 'visitor')).toBeGreaterThan(kept.byteLength);

    // With other lanes it is another run of the same photos, which go with the last.
    const other = await desk.start(visitor, { of, lanes: [{ id: 'decap', decoder: 'decap' }] });
    await ended(desk, other.id, visitor);
    await desk.remove(visitor, id);
    expect(await sentBytes(database, 'visitor')).toBeGreaterThan(0);
    await desk.remove(visitor, other.id);
    expect(await sentBytes(database, 'visitor')).toBe(0);
    const beside = join(scratch.folder, 'studio.collections');
    expect(readdirSync(join(beside, 'photos'))).toEqual([]);
    expect(readdirSync(beside).filter((name) => name.endsWith('.jsonl'))).toEqual([]);
  });

  it('are asked for once more where they come twice, and refused where two have one name or the disk is full', async () => {
    let full = false;
    const desk = open(undefined, {
      demandRoom: async () => {
        if (full) throw new StudioError('storage-full', 'No room.');
      },
    });
    const upload = await desk.uploads.begin('local', '', 3);
    const bytes = await picture(0);
    for (let twice = 0; twice < 2; twice++) await desk.uploads.add('local', upload, { position: 0, key: 'a', bytes });
    expect(await desk.uploads.list('local')).toMatchObject([{ here: 1 }]);
    await expect(desk.uploads.add('local', upload, { position: 1, key: 'a', bytes })).rejects.toThrow(/Two photos/);
    await expect(desk.uploads.add('local', upload, { position: 3, key: 'd', bytes })).rejects.toThrow(/There are 3/);
    full = true;
    await expect(desk.uploads.add('local', upload, { position: 2, key: 'c', bytes })).rejects.toMatchObject({
      code: 'storage-full',
    });
    await desk.uploads.remove('local', upload);
    expect(existsSync(join(scratch.folder, 'studio.collections', 'photos', upload))).toBe(false);
  });
});

describe('what is done so far, as a file', () => {
  const told = async (desk: CollectionDesk, id: string, format: SinkFormat, asker = local) => {
    const { name, content } = await desk.export(asker, id, format);
    return { name, bytes: await buffer(content) };
  };

  it('is the same as the command line writes, also where the photos have gone, and of a run that goes on', async () => {
    const path = await folder(40, 1);
    let go = () => {};
    const gate = new Promise<void>((resolve) => (go = resolve));
    const desk = open(new ScriptedBatches({ before: (keys) => (keys.includes('0038.png') ? gate : undefined) }));
    const { id } = await desk.start(local, inFolder(path));
    await expect.poll(async () => (await desk.tables.card('local', id)).done, patient).toBe(32);
    const half = await told(desk, id, 'jsonl');
    expect([half.name, half.bytes.toString().trim().split('\n').length]).toEqual(['holidays.jsonl', 32]);
    go();
    await ended(desk, id);
    const lines = (await told(desk, id, 'jsonl')).bytes.toString().trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { image: string }).image)).toHaveLength(40);
    const csv = (await told(desk, id, 'csv')).bytes.toString();
    expect(csv).toContain(`0000.png,${join(path, '0000.png')},`);
    expect(JSON.parse((await told(desk, id, 'coco')).bytes.toString())).toHaveLength(39);
    expect((await told(desk, id, 'parquet')).bytes.subarray(0, 4).toString()).toBe('PAR1');
    const archive = (await told(desk, id, 'webdataset')).bytes;
    const png = Buffer.from('\x89PNG', 'latin1');
    expect([archive.includes(png), archive.includes('0000.json')]).toEqual([true, true]);
    rmSync(path, { recursive: true });
    expect((await told(desk, id, 'csv')).bytes.toString()).toContain('0000.png,0000.png,');
    const bare = (await told(desk, id, 'webdataset')).bytes;
    expect([bare.includes(png), bare.includes('0000.json')]).toEqual([false, true]);
    await expect(desk.export(visitor, id, 'csv')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is refused in words where the format cannot hold it, and is not made for a reader that has left', async () => {
    const path = await folder(1);
    mkdirSync(join(path, 'a'));
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#123' } })
      .png()
      .toFile(join(path, 'a', '0000.png'));
    const desk = open();
    const { id } = await desk.start(local, inFolder(path));
    await ended(desk, id);
    await expect(desk.export(local, id, 'coco')).rejects.toThrow(/are both 0/);
    const { content } = await desk.export(local, id, 'jsonl');
    content.destroy();
    await expect(buffer(content)).rejects.toThrow();
  });
});

describe('what a person says of photos', () => {
  it('is sorted and filtered by, exported with who and when, and written over by no run', async () => {
    const path = await folder(6, 1);
    const desk = open();
    const { id } = await desk.start(local, inFolder(path));
    await ended(desk, id);
    const mark = (key: string, said: object, run = id) => desk.tables.mark('local', run, { key, lane: '', ...said });
    await mark('0001.png', { lane: 'clipcap', stars: 5 });
    await mark('0003.png', { lane: 'clipcap', stars: 2 });
    await mark('0002.png', { caption: '  our own\n words ' });
    await mark('broken-0.png', { caption: 'a photo that nobody can read' });
    for (const wrong of [() => mark('0001.png', { lane: 'nobody', stars: 1 }), () => mark('x', { caption: 'y' })])
      await expect(wrong()).rejects.toMatchObject({ code: 'not-found' });
    await expect(desk.tables.mark('visitor', id, { key: '0001.png', lane: 'clipcap', stars: 1 })).rejects.toMatchObject(
      { code: 'not-found' },
    );
    const keys = async (query: TableQuery) => (await desk.tables.rows('local', id, query)).rows.map(({ key }) => key);
    expect((await keys({ sort: { by: 'stars', lane: 'clipcap', down: true } })).slice(0, 2)).toEqual([
      '0001.png',
      '0003.png',
    ]);
    expect(await keys({ rating: 'high' })).toEqual(['0001.png']);
    expect(await keys({ rating: 'low' })).toEqual(['0003.png']);
    expect(await keys({ rating: 'own' })).toEqual(['0002.png', 'broken-0.png']);
    expect(await keys({ text: 'our own' })).toEqual(['0002.png']);
    expect((await desk.tables.means('local', id, {})).lanes.clipcap!.stars).toMatchObject({ n: 2, mean: 3.5 });

    const jsonl = async (run: string) => {
      const { content } = await desk.export(local, run, 'jsonl');
      const lines = (await buffer(content)).toString().trim().split('\n');
      return lines.map((line) => JSON.parse(line) as { image: string; own?: object; captions?: { stars?: number }[] });
    };
    const said = await jsonl(id);
    expect(said[1]).toMatchObject({ captions: [{ stars: 5 }] });
    expect(said[2]!.own).toMatchObject({ caption: 'our own words', by: 'local', at: expect.stringMatching(/^20.*Z$/) });
    expect(said[0]!.own).toBeUndefined();
    const csv = (await buffer((await desk.export(local, id, 'csv')).content)).toString();
    expect(csv).toMatch(/^0002\.png,.*our own words.*,person,/m);

    // The folder is another now, and so is the run: what was said goes along; stars stay with the caption they are of.
    await sharp({ create: { width: 9, height: 9, channels: 3, background: '#0f0' } })
      .png()
      .toFile(join(path, '0001.png'));
    const again = await desk.resume(local, id);
    await ended(desk, again.id);
    expect(again.id).not.toBe(id);
    const after = await jsonl(again.id);
    expect(after[2]!.own).toMatchObject({ caption: 'our own words' });
    expect(after[3]).toMatchObject({ captions: [{ stars: 2 }] });
    expect(after[1]!.captions![0]!.stars).toBeUndefined();
    await mark('0002.png', { caption: null });
    await mark('0003.png', { lane: 'clipcap', stars: null });
    expect(await keys({ rating: 'low' })).toEqual([]);
    expect((await jsonl(id))[2]!.own).toBeUndefined();
  });
});
