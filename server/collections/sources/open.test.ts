import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCaptions, referencesIn } from '../../../kept/captions/read';
import { openSources } from './open';
import { captionLines } from './parquet-captions';
import type { Source, Sources, SourceWishes } from './types';

let folder: string;
const opened: Sources[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'studio-sources-'));
});
afterEach(async () => {
  for (const sources of opened.splice(0)) await sources.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Files with their own paths as what they hold. */
function files(...paths: string[]) {
  for (const path of paths) file(path, path);
}
function file(path: string, content: string | Uint8Array) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
}
async function tar(entries: Record<string, string>): Promise<Buffer> {
  const archive = pack();
  const whole = buffer(archive);
  for (const [name, content] of Object.entries(entries)) archive.entry({ name }, content);
  archive.finalize();
  return whole;
}

const open = async (inputs: string[], wishes: Partial<SourceWishes> = {}, stdin?: string | Uint8Array) => {
  const sources = await openSources(
    { cwd: folder, stdin: stdin === undefined ? new PassThrough().end() : Readable.from([Buffer.from(stdin)]) },
    { inputs, addresses: 'off', ...wishes },
  );
  opened.push(sources);
  return sources;
};
const read = async (source: Source) =>
  source.read().then(
    (bytes) => {
      // They may be handed on to a thread, which takes the whole buffer.
      expect(bytes.buffer.byteLength).toBe(bytes.length);
      return Buffer.from(bytes).toString();
    },
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );
/** Keys and what is read of each. */
const content = async ({ sources }: Sources) =>
  Object.fromEntries(await Promise.all(sources.map(async (source) => [source.key, await read(source)] as const)));
const refused = (work: Promise<unknown>, code: string, message: RegExp) =>
  expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });

describe('files and folders', () => {
  it('are called as they were given, and by their path below the folder; the order is that of the names', async () => {
    files('photos/b.jpg', 'photos/a/z.PNG', 'photos/a/y.webp', 'x.jpg', 'no-ending');
    const all = await open(['x.jpg', 'photos', 'no-ending']);
    expect(all.sources.map(({ key }) => key)).toEqual(['x.jpg', 'a/y.webp', 'a/z.PNG', 'b.jpg', 'no-ending']);
    expect(all.sources.map(({ path }) => path)).toEqual([
      'x.jpg',
      'photos/a/y.webp',
      'photos/a/z.PNG',
      'photos/b.jpg',
      'no-ending',
    ]);
    expect(all.sources[1]!.file).toBe(join(folder, 'photos/a/y.webp'));
    expect((await content(all))['a/y.webp']).toBe('photos/a/y.webp');
    expect(all.tell).toEqual([]);
  });

  it('leave out what is hidden, and tell what is no picture', async () => {
    files('p/a.jpg', 'p/.hidden.jpg', 'p/.git/b.jpg', 'p/a.txt', 'p/b.txt', 'p/c.heic', 'p/README');
    const { sources, tell } = await open(['p']);
    expect(sources.map(({ key }) => key)).toEqual(['a.jpg']);
    expect(tell).toEqual([
      'p: 4 files are no pictures by their names and are left out (2 .txt, 1 no ending, 1 .heic).',
    ]);
  });

  it('follow links, but not in a circle', async () => {
    files('real/a.jpg', 'p/b.jpg');
    symlinkSync('../real', join(folder, 'p/linked'));
    symlinkSync('..', join(folder, 'p/up'));
    symlinkSync('b.jpg', join(folder, 'p/c.jpg'));
    symlinkSync('nowhere', join(folder, 'p/d.jpg'));
    const { sources } = await open(['p']);
    expect(sources.map(({ key }) => key)).toEqual(
      ['b.jpg', 'c.jpg', 'linked/a.jpg', 'up/p/b.jpg', 'up/p/c.jpg', 'up/p/linked/a.jpg', 'up/real/a.jpg'].filter(
        (key) => !key.startsWith('up/p'),
      ),
    );
  });

  it('with line ends in their names are read, and told in one line', async () => {
    files('p/a\nb.jpg', 'p/c\nd.txt');
    const all = await open(['p']);
    expect(await content(all)).toEqual({ 'a\nb.jpg': 'p/a\nb.jpg' });
    const gone = await open(['gone\n.jpg']);
    expect(await content(gone)).toEqual({
      'gone\n.jpg': 'file-unreadable: There is no file gone\\n.jpg. Check the path.',
    });
    for (const line of all.tell) expect(line).not.toContain('\n');
  });

  it('change their stamp when they change', async () => {
    files('a.jpg');
    const [before] = (await open(['a.jpg'])).sources;
    file('a.jpg', 'longer than before');
    const [after] = (await open(['a.jpg'])).sources;
    expect(after!.stamp).not.toBe(before!.stamp);
    expect((await open(['a.jpg'])).sources[0]!.stamp).toBe(after!.stamp);
  });

  it('that are missing or empty are the fault of one photo', async () => {
    files('a.jpg');
    file('empty.jpg', '');
    expect(await content(await open(['gone.jpg', 'empty.jpg', 'a.jpg']))).toEqual({
      'gone.jpg': 'file-unreadable: There is no file gone.jpg. Check the path.',
      'empty.jpg': expect.stringMatching(/^image-unreadable: The file is empty/) as string,
      'a.jpg': 'a.jpg',
    });
  });

  it('on standard input are one photo', async () => {
    const all = await open(['-'], {}, 'bytes');
    expect(await content(all)).toEqual({ '-': 'bytes' });
  });

  it('that cannot be looked into are told, and the rest goes on', async () => {
    // Another user than the one that may read everything.
    files('p/a.jpg', 'p/closed/b.jpg');
    const program = `
      import { chmodSync } from 'node:fs';
      import { openSources } from ${JSON.stringify(fileURLToPath(new URL('./open.ts', import.meta.url)))};
      const io = { cwd: ${JSON.stringify(folder)}, stdin: process.stdin };
      const all = await openSources(io, { inputs: ['p'], addresses: 'off' });
      const none = await openSources(io, { inputs: ['p/closed'], addresses: 'off' }).catch((error) => error.message);
      console.log(JSON.stringify({ keys: all.sources.map(({ key }) => key), tell: all.tell, none }));`;
    file('look.ts', program);
    const banner =
      "import { createRequire as requirer } from 'node:module'; const require = requirer(import.meta.url);";
    const built = spawnSync(
      fileURLToPath(new URL('../../../node_modules/esbuild/bin/esbuild', import.meta.url)),
      ['look.ts', '--bundle', '--platform=node', '--format=esm', '--outfile=look.mjs', `--banner:js=${banner}`],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(built.status, built.stderr).toBe(0);
    spawnSync('chmod', ['755', folder, join(folder, 'p')]);
    spawnSync('chmod', ['0', join(folder, 'p/closed')]);
    const root = process.getuid?.() === 0;
    const ran = spawnSync(process.execPath, ['look.mjs'], {
      cwd: folder,
      encoding: 'utf8',
      ...(root ? { uid: 65534, gid: 65534 } : {}),
    });
    spawnSync('chmod', ['755', join(folder, 'p/closed')]);
    expect(ran.stderr).toBe('');
    const told = 'p/closed cannot be looked into: you have no right to. Its photos are left out.';
    expect(JSON.parse(ran.stdout)).toEqual({
      keys: ['a.jpg'],
      tell: [told],
      none: expect.stringContaining(told) as string,
    });
  });
});

describe('patterns', () => {
  it('give the files that fit; beside photos they leave tables alone', async () => {
    files('p/a1.jpg', 'p/a2.jpg', 'p/b.jpg', 'p/deep/a3.jpg');
    file('p/metadata.jsonl', '{"file_name": "a1.jpg"}');
    const keys = async (pattern: string) => (await open([pattern])).sources.map(({ key }) => key);
    expect(await keys('p/a?.jpg')).toEqual(['p/a1.jpg', 'p/a2.jpg']);
    expect(await keys('p/**/a*.jpg')).toEqual(['p/a1.jpg', 'p/a2.jpg', 'p/deep/a3.jpg']);
    expect(await keys('p/{b,a1}.jpg')).toEqual(['p/b.jpg', 'p/a1.jpg']);
    const all = await open(['p/*']);
    expect([all.sources.length, all.tell]).toEqual([
      3,
      ['p/*: 1 file is no picture by its name and is left out (1 .jsonl).'],
    ]);
  });

  it('are what they say where a file is called so', async () => {
    files('p/[1]{a,b}*.jpg');
    expect(await content(await open(['p/[1]{a,b}*.jpg']))).toEqual({ 'p/[1]{a,b}*.jpg': 'p/[1]{a,b}*.jpg' });
  });

  it('of shards that are not all there are refused', async () => {
    file('s/00.tar', await tar({ 'a.jpg': 'a' }));
    file('s/02.tar', await tar({ 'c.jpg': 'c' }));
    await refused(open(['s/{00..02}.tar']), 'file-unreadable', /There is no archive s\/01\.tar/);
    file('s/01.tar', await tar({ 'b.jpg': 'b' }));
    expect(await content(await open(['s/{00..02}.tar']))).toEqual({ 'a.jpg': 'a', 'b.jpg': 'b', 'c.jpg': 'c' });
    await refused(open(['x{1..1000000}.jpg']), 'option-invalid', /more than 100000 names/);
  });
});

describe('archives', () => {
  it('of photos: called by their paths, read in any order and at once', async () => {
    file('x.tar', await tar({ './b/2.jpg': 'two', 'a/1.jpg': 'one', 'notes.md': 'n' }));
    file('y.tgz', gzipSync(await tar({ 'c.jpg': 'c' })));
    const all = await open(['x.tar', 'y.tgz']);
    expect(all.sources.map(({ key, path, file: own }) => [key, path, own])).toEqual([
      ['b/2.jpg', 'x.tar:b/2.jpg', undefined],
      ['a/1.jpg', 'x.tar:a/1.jpg', undefined],
      ['c.jpg', 'y.tgz:c.jpg', undefined],
    ]);
    expect(await content(all)).toEqual({ 'b/2.jpg': 'two', 'a/1.jpg': 'one', 'c.jpg': 'c' });
    expect(all.tell).toEqual(['x.tar: 1 file is no picture by its name and is left out (1 .md).']);
    expect(new Set(all.sources.map(({ stamp }) => stamp)).size).toBe(3);
  });

  it('of the kind of webdataset: called by what their files share, captions of json and txt beside them', async () => {
    file(
      's.tar',
      await tar({
        'd.1/000.jpg': 'zero',
        'd.1/000.json': '{"caption": "a dog", "url": "x", "more": {"caption": "no"}}',
        'd.1/000.txt': 'a dog runs\n',
        '001.seg.png': 'mask',
        '001.jpg': 'one',
        '001.txt': 'one',
        '002.jpg': 'two',
        '002.json': 'not json',
        '002.cls': '3',
        '003.jpg': 'three',
        '003.json': '{"captions": [{"decoder": "clipcap", "caption": "said by a decoder"}], "sentences": ["x"]}',
      }),
    );
    const { sources, tell } = await open(['s.tar']);
    expect(sources.map(({ key, references }) => [key, references])).toEqual([
      ['d.1/000', ['a dog', 'a dog runs']],
      ['001.seg.png', undefined],
      ['001.jpg', undefined],
      ['002', undefined],
      ['003', undefined],
    ]);
    expect(tell).toEqual(['s.tar: 1 file is no picture by its name and is left out (1 .cls).']);
  });

  it('that are cut give what comes before', async () => {
    const whole = await tar({ 'a.jpg': 'a', 'b.jpg': 'b' });
    file('cut.tar', whole.subarray(0, 1536));
    const all = await open(['cut.tar']);
    expect(await content(all)).toEqual({ 'a.jpg': 'a' });
    expect(all.tell).toEqual([
      expect.stringMatching(/cut\.tar is damaged at byte 1536: it is cut short inside b\.jpg/),
    ]);
    file('zip.zip', 'PK\u0003\u0004');
    await refused(open(['zip.zip']), 'file-unreadable', /zip\.zip is a \.zip\. .*unpack it first \(unzip\)/);
  });
});

describe('lists and tables', () => {
  it('name photos beside them, or where the person stands; what is missing is the fault of one photo', async () => {
    files('sets/a.jpg', 'here/b.jpg');
    file('sets/list.txt', 'a.jpg\n\nhere/b.jpg\r\ngone.jpg\n');
    const all = await open([], { list: 'sets/list.txt' });
    expect(await content(all)).toEqual({
      'a.jpg': 'sets/a.jpg',
      'here/b.jpg': 'here/b.jpg',
      'gone.jpg': 'file-unreadable: sets/list.txt, line 4: There is no file sets/gone.jpg. Check the path.',
    });
    expect(all.tell).toEqual([
      'sets/list.txt: 1 of 3 paths are not in sets and are taken from the folder in which you stand.',
    ]);
    expect(await content(await open([], { list: '-' }, 'sets/a.jpg\0here/b.jpg\0'))).toEqual({
      'sets/a.jpg': 'sets/a.jpg',
      'here/b.jpg': 'here/b.jpg',
    });
  });

  it('that name nothing that is there are refused', async () => {
    file('list.txt', 'a.jpg\nb.jpg\nc.jpg\nd.jpg');
    await refused(
      open([], { list: 'list.txt' }),
      'file-unreadable',
      /None of the 4 photos that list\.txt names is in \. \(a\.jpg, b\.jpg, c\.jpg and 1 more names\)\. .*--images/,
    );
  });

  it('of JSON lines: the column is found or named, captions come along, a bad line is the fault of its photo', async () => {
    files('a.jpg', 'b.jpg');
    file(
      't.jsonl',
      '{"file_name": "a.jpg", "text": "a dog", "image_id": 7}\n{"file_name": "b.jpg", "text": null}\n{"x": 1}\nnonsense\n',
    );
    const all = await open(['t.jsonl']);
    expect(all.sources.map(({ key, references, imageId }) => [key, references, imageId])).toEqual([
      ['a.jpg', ['a dog'], 7],
      ['b.jpg', undefined, undefined],
      ['t.jsonl, line 3', undefined, undefined],
      ['t.jsonl, line 4', undefined, undefined],
    ]);
    expect(await content(all)).toMatchObject({
      'a.jpg': 'a.jpg',
      't.jsonl, line 3': 'file-unreadable: t.jsonl, line 3: "file_name" names no photo. Expected a path or an address.',
      't.jsonl, line 4': expect.stringMatching(/this is not JSON/) as string,
    });
    await refused(
      open(['t.jsonl'], { column: 'photo' }),
      'option-invalid',
      /t\.jsonl has no column "photo"\. It has file_name, text, image_id, x\./,
    );
  });

  it('of CSV: quoted cells, many rows of one photo with a caption each, other delimiters, no header', async () => {
    files('a, b.jpg', 'c\nd.jpg', 'e.jpg');
    file('t.csv', 'id,image,caption\n1,"a, b.jpg","said ""so"""\n2,"a, b.jpg",again\n3,"c\nd.jpg",x\n');
    const all = await open(['t.csv']);
    expect(all.sources.map(({ key, references }) => [key, references])).toEqual([
      ['a, b.jpg', ['said "so"', 'again']],
      ['c\nd.jpg', ['x']],
    ]);
    file('t.tsv', 'photo\tn\ne.jpg\t1\n');
    expect(await content(await open(['t.tsv'], { column: 'photo' }))).toEqual({ 'e.jpg': 'e.jpg' });
    await refused(open(['t.tsv']), 'option-invalid', /t\.tsv has no column that is known.*It has photo, n\./);
    file('bare.csv', 'e.jpg,first\n"a, b.jpg",second\n');
    expect((await open(['bare.csv'])).sources.map(({ key, references }) => [key, references])).toEqual([
      ['e.jpg', ['first']],
      ['a, b.jpg', ['second']],
    ]);
  });

  it('of COCO: names, ids and captions; photos are looked for where --images says', async () => {
    const images = [
      { id: 7, file_name: 'COCO_val2014_000000000007.jpg' },
      { id: 9, file_name: '9.jpg' },
      { id: 11, file_name: 'gone.jpg' },
    ];
    const annotations = [7, 9, 7].map((image_id, i) => ({ id: i, image_id, caption: `caption ${i}` }));
    file('ann/captions.json', JSON.stringify({ images, annotations }));
    files('photos/val/COCO_val2014_000000000007.jpg', 'photos/9.jpg');
    file('photos.tar', await tar({ 'val/9.jpg': 'in the archive' }));
    const all = await open(['ann/captions.json'], { images: 'photos' });
    expect(all.sources.map(({ key, imageId, references }) => [key, imageId, references])).toEqual([
      ['COCO_val2014_000000000007.jpg', 7, ['caption 0', 'caption 2']],
      ['9.jpg', 9, ['caption 1']],
      ['gone.jpg', 11, undefined],
    ]);
    expect(await content(all)).toEqual({
      'COCO_val2014_000000000007.jpg': 'photos/val/COCO_val2014_000000000007.jpg',
      '9.jpg': 'photos/9.jpg',
      'gone.jpg':
        'file-unreadable: ann/captions.json, image 3: there is no gone.jpg in photos. Check the name, or the folder that --images names.',
    });
    const packed = await open(['ann/captions.json'], { images: 'photos.tar' });
    expect((await content(packed))['9.jpg']).toBe('in the archive');
    await refused(open(['ann/captions.json']), 'file-unreadable', /None of the 3 photos .* is in ann .*--images/);
    file('results.json', JSON.stringify([{ image_id: 7, caption: 'seven' }]));
    const [seven] = (await open(['results.json'], { images: 'photos', column: 'image_id' })).sources;
    expect([seven!.key, seven!.references, seven!.imageId, await read(seven!)]).toEqual([
      '7',
      ['seven'],
      7,
      'photos/val/COCO_val2014_000000000007.jpg',
    ]);
    file('list.json', '["photos/9.jpg"]');
    expect(await content(await open(['list.json']))).toEqual({ 'photos/9.jpg': 'photos/9.jpg' });
    const sentences = [{ raw: 'one' }, { raw: 'two' }];
    file('karpathy.json', JSON.stringify({ images: [{ filename: '9.jpg', cocoid: 9, split: 'test', sentences }] }));
    const [nine] = (await open(['karpathy.json'], { images: 'photos' })).sources;
    expect([nine!.key, nine!.references]).toEqual(['9.jpg', ['one', 'two']]);
  });
});

describe('parquet, as pyarrow writes it', () => {
  const golden = (name: string) =>
    file(name, readFileSync(fileURLToPath(new URL(`./test-parquet/${name}`, import.meta.url))));

  it.each(['snappy', 'zstd', 'gzip', 'brotli', 'lz4'])('of paths, packed by %s', async (codec) => {
    const name = `paths-${codec}.parquet`;
    golden(name);
    files('a.png', 'b/c.png');
    const all = await open([name]);
    expect(all.sources.map(({ key, references, imageId }) => [key, references, imageId])).toEqual([
      ['a.png', ['a red dot', 'red'], 7],
      ['b/c.png', ['a blue dot'], 8],
      ['gone.png', undefined, 9],
    ]);
    expect((await content(all))['b/c.png']).toBe('b/c.png');
    await refused(
      open([name], { column: 'picture' }),
      'option-invalid',
      /has no column "picture"\. It has image_id, file_name, captions\./,
    );
  });

  it('of pictures: called by their paths, or by their rows where those tell nothing', async () => {
    for (const name of ['pictures.parquet', 'nameless.parquet', 'bytes.parquet']) golden(name);
    const { sources } = await open(['pictures.parquet', 'nameless.parquet', 'bytes.parquet']);
    expect(sources.map(({ key, path, references }) => [key, path, references])).toEqual([
      ['red.png', 'pictures.parquet:row 1', ['a red dot']],
      ['blue.png', 'pictures.parquet:row 2', ['a blue dot']],
      ['none.png', 'pictures.parquet:row 3', undefined],
      ['nameless.parquet:1', 'nameless.parquet:row 1', undefined],
      ['nameless.parquet:2', 'nameless.parquet:row 2', undefined],
      ['bytes.parquet:1', 'bytes.parquet:row 1', undefined],
      ['bytes.parquet:2', 'bytes.parquet:row 2', undefined],
    ]);
    for (const source of sources) await read(source);
    const bytes = await Promise.all(sources.map((source) => source.read().catch((error: Error) => error.message)));
    for (const i of [0, 1, 3, 4, 5, 6])
      expect(
        Buffer.from(bytes[i] as Uint8Array)
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
    expect([bytes[3], bytes[5], bytes[2]]).toEqual([
      bytes[0],
      bytes[0],
      'pictures.parquet:row 3: "photo" holds no picture.',
    ]);
    expect(bytes[0]).not.toEqual(bytes[1]);
  });

  it('of pictures in several files that have names in common: those are called by file and row, others are not', async () => {
    for (const name of ['pictures.parquet', 'nameless.parquet']) {
      const bytes = readFileSync(fileURLToPath(new URL(`./test-parquet/${name}`, import.meta.url)));
      for (const half of ['train', 'val']) file(`${half}/${name}`, bytes);
    }
    golden('bytes.parquet');
    const named = ['train', 'val'].flatMap((half) => [1, 2, 3].map((n) => `${half}/pictures.parquet:${n}`));
    const { sources, tell } = await open(['train/pictures.parquet', 'val/pictures.parquet', 'bytes.parquet']);
    expect(sources.map(({ key }) => key)).toEqual([...named, 'bytes.parquet:1', 'bytes.parquet:2']);
    expect(tell).toContain(
      'train/pictures.parquet, val/pictures.parquet: names of pictures in them are elsewhere too; they are called by their rows.',
    );
    const [red, , , again] = await Promise.all(sources.map((source) => source.read().catch(() => undefined)));
    expect(red).toEqual(again);
    const nameless = await open(['train/nameless.parquet', 'val/nameless.parquet']);
    expect(nameless.sources.map(({ key }) => key)).toEqual(
      ['train', 'val'].flatMap((half) => [1, 2].map((n) => `${half}/nameless.parquet:${n}`)),
    );
    // A file beside a table keeps its name; a table that comes twice is refused.
    files('red.png');
    const beside = await open(['red.png', 'train/pictures.parquet']);
    expect(beside.sources.map(({ key }) => key)).toEqual(['red.png', ...named.slice(0, 3)]);
    await refused(open(['bytes.parquet', 'bytes.parquet']), 'option-invalid', /Two photos are called bytes\.parquet:1/);
  });

  it('of {bytes, path} without bytes are paths', async () => {
    golden('beside.parquet');
    files('a.png', 'b/c.png');
    expect(await content(await open(['beside.parquet']))).toEqual({ 'a.png': 'a.png', 'b/c.png': 'b/c.png' });
  });

  it('is read as references too', async () => {
    golden('paths-zstd.parquet');
    golden('pictures.parquet');
    const references = async (name: string) => {
      const lines = await captionLines(name, readFileSync(join(folder, name)));
      return referencesIn(name, readCaptions(name, lines)).images.map(({ names, ids, captions }) => [
        names[0],
        ids[0],
        captions,
      ]);
    };
    expect(await references('paths-zstd.parquet')).toEqual([
      ['a.png', '7', ['a red dot', 'red']],
      ['b/c.png', '8', ['a blue dot']],
    ]);
    expect(await references('pictures.parquet')).toEqual([
      ['red.png', undefined, ['a red dot']],
      ['blue.png', undefined, ['a blue dot']],
    ]);
  });

  it('that is cut or none is refused in words', async () => {
    golden('pictures.parquet');
    const whole = readFileSync(join(folder, 'pictures.parquet'));
    file('cut.parquet', whole.subarray(0, whole.length - 10));
    await refused(open(['cut.parquet']), 'file-unreadable', /cut\.parquet is no parquet file, or is cut short/);
    file('dirty.parquet', Buffer.concat([Buffer.from('PAR1'), Buffer.alloc(400, 7), whole.subarray(404)]));
    await refused(open(['dirty.parquet']), 'file-unreadable', /dirty\.parquet is damaged/);
  });
});

describe('addresses', () => {
  it('are refused where the settings allow none', async () => {
    file('list.txt', 'https://example.org/a.jpg');
    await refused(
      open([], { list: 'list.txt' }),
      'forbidden',
      /list\.txt, line 1: this is an address.*STUDIO_ADDRESSES/,
    );
    await refused(open(['https://example.org/a.jpg']), 'forbidden', /STUDIO_ADDRESSES/);
  });

  it('are fetched where they may be; one that hangs is given up, and is the fault of its photo', async () => {
    const server = createServer((request, response) => {
      if (request.url === '/a.jpg') response.end('picture');
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      file('t.csv', `url,caption\n${base}/a.jpg,x\n${base}/hangs.jpg,y\n`);
      const all = await open(['t.csv'], { addresses: 'any', addressMs: 300 });
      expect(await content(all)).toEqual({
        [`${base}/a.jpg`]: 'picture',
        [`${base}/hangs.jpg`]: expect.stringMatching(/^image-unreadable: .* did not send the picture within/) as string,
      });
      const local = await open([`${base}/a.jpg`], { addresses: 'public' });
      expect(await read(local.sources[0]!)).toMatch(/^forbidden: .*own network/);
      const stop = new AbortController();
      const waiting = all.sources[1]!.read(stop.signal);
      stop.abort();
      await refused(waiting, 'cancelled', /Cancelled/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('all together', () => {
  it('refuses a name that comes twice, and names both places', async () => {
    files('a/x.jpg', 'b/x.jpg');
    file('list.txt', 'a/x.jpg\nb/x.jpg\na/x.jpg\n');
    await refused(open(['a', 'b']), 'option-invalid', /Two photos are called x\.jpg: a\/x\.jpg and b\/x\.jpg/);
    await refused(open(['a/x.jpg', 'a/x.jpg']), 'option-invalid', /called a\/x\.jpg: a\/x\.jpg and a\/x\.jpg/);
    await refused(open([], { list: 'list.txt' }), 'option-invalid', /list\.txt, line 1 and list\.txt, line 3/);
  });

  it('says what was looked at where there is no photo', async () => {
    mkdirSync(join(folder, 'none'));
    files('texts/a.txt');
    file('empty.txt', '\n');
    file('empty.csv', 'image\n');
    file('texts.tar', await tar({ 'a.txt': 'a' }));
    await refused(
      open(['none', 'texts', 'texts.tar', '*.png', 'empty.csv'], { list: 'empty.txt' }),
      'option-invalid',
      /no photo to work on: none \(no file in it\), texts \(no picture in it\), texts\.tar \(no picture in it\), \*\.png \(nothing fits\), empty\.csv \(empty\) and 1 more places\. .*2 \.txt|1 \.txt/,
    );
  });
});
