import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { extract } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { candidatesIn, readCaptions } from '../../../kept/captions/read';
import { Kept } from '../../cli/test-cli';
import { openSources } from '../sources/open';
import { captionLines, isParquet } from '../sources/parquet-captions';
import { openSink } from './open';
import { bestOf } from './record';
import type { Answered, AnsweredRow, SinkFormat, SinkWishes } from './types';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'studio-sinks-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');

const row = (lane: string, caption: string, more: Partial<AnsweredRow> = {}): AnsweredRow => ({
  lane,
  decoder: lane,
  options: { beam: 5, note: 'a, "b"' },
  caption,
  similarity: 0.25,
  tokens: [1, 2],
  logProb: -3.5,
  certainty: 'likely',
  optimised: false,
  ...more,
});
const photo = (key: string, ...rows: AnsweredRow[]): Answered => ({
  key,
  path: `photos/${key}`,
  family: 'pocket',
  familyHash: 'abc',
  device: 'cpu',
  precision: 'fp32',
  rows,
});
const unread = (key: string): Answered => ({
  ...photo(key),
  error: { code: 'image-unreadable', message: 'It is no picture.' },
});
const failed = (lane: string): AnsweredRow => ({
  lane,
  decoder: lane,
  options: {},
  error: { code: 'needs-image', message: 'It reads a photo, "that" is none.' },
});
const lanes = ['clipcap', 'decap'];
const photos: Answered[] = [
  photo('COCO_val2014_000000000007.jpg', row('clipcap', 'seven, "clipcap"'), row('decap', '=1+1', { similarity: 0.5 })),
  photo(
    'sub/a\nb.jpg',
    row('clipcap', 'two\nlines', { captions: ['two\nlines', 'x'], similarities: [0.25, 0.125], seed: 2 ** 40 }),
    failed('decap'),
  ),
  unread('broken.jpg'),
  photo('=cmd.jpg', row('clipcap', ''), row('decap', '["a"]', { optimised: true })),
];
const sources = (answers = photos) =>
  answers.map(({ key, path }) => ({
    key,
    path,
    stamp: '',
    read: () => Promise.resolve(Buffer.from(`bytes of ${key}`)),
  }));
const io = () => ({ cwd: folder, stdout: new Kept() });
const open = (name: string, wishes: Partial<SinkWishes> = {}, streams = io()) =>
  openSink(streams, name, { mode: 'new', lanes, sources: sources(), ...wishes });
async function write(name: string, answers = photos, wishes: Partial<SinkWishes> = {}) {
  const sink = await open(name, wishes);
  for (const answer of answers) if (!sink.done.has(answer.key)) await sink.write(answer);
  await sink.finish();
  return sink;
}
const refused = (work: Promise<unknown>, code: string, message: RegExp) =>
  expect(work).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
const files = ['out.jsonl', 'out.csv', 'out.json', 'out.parquet', 'out.tar'];
const grown = ['out.jsonl', 'out.csv'];

describe.each(files)('%s', (name) => {
  it('is the same bytes for the same answers, and leaves nothing beside', async () => {
    await write(name);
    await write(`again-${name}`);
    expect(readdirSync(folder).sort()).toEqual([name, `again-${name}`].sort());
    expect(readFileSync(at(name)).equals(readFileSync(at(`again-${name}`)))).toBe(true);
  });

  it('that is there already is refused, unless it is to be written anew', async () => {
    writeFileSync(at(name), 'old');
    await refused(
      open(name),
      'option-invalid',
      new RegExp(`^${name} is there already\\. Give --resume .* --overwrite`),
    );
    expect(text(name)).toBe('old');
    await write(name, photos, { mode: 'overwrite' });
    expect(text(name)).not.toContain('old');
  });

  it('says before the work that it cannot be written', async () => {
    mkdirSync(at(name));
    await refused(open(name), 'option-invalid', /it is a folder/);
    await refused(open(`nowhere/${name}`), 'option-invalid', /there is no folder nowhere/);
  });

  it.skipIf(process.platform !== 'linux')('tells a full disk in words', async () => {
    const format = ({ jsonl: 'jsonl', csv: 'csv', json: 'coco', parquet: 'parquet', tar: 'webdataset' } as const)[
      name.split('.')[1] as 'jsonl'
    ] as SinkFormat;
    const work = async () => {
      const sink = await open('/dev/full', { format });
      try {
        for (const answer of photos) await sink.write(answer);
        await sink.finish();
      } finally {
        await sink.abandon();
      }
    };
    await refused(work(), 'storage-full', /^\/dev\/full cannot be written: the disk is full/);
  });

  it('that is gone on with after it was given up is that of an unbroken run', async () => {
    await write(`whole-${name}`);
    const sink = await open(name);
    for (const answer of photos.slice(0, 2)) await sink.write(answer);
    await sink.abandon();
    // What is whole only at its end is not there; the others hold what was written.
    expect(existsSync(at(name))).toBe(grown.includes(name));
    const { done } = await write(name, photos, { mode: 'resume' });
    expect([...done]).toEqual(grown.includes(name) ? photos.slice(0, 2).map(({ key }) => key) : []);
    expect(readFileSync(at(name)).equals(readFileSync(at(`whole-${name}`)))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual([name, `whole-${name}`].sort());
  });
});

describe.each(grown)('%s', (name) => {
  it('is gone on with wherever it was cut', async () => {
    await write(`whole-${name}`);
    const whole = readFileSync(at(`whole-${name}`));
    for (let cut = 0; cut <= whole.length; cut += 13) {
      writeFileSync(at(name), whole.subarray(0, cut));
      await write(name, photos, { mode: 'resume' });
      expect(readFileSync(at(name)).equals(whole), `cut at ${cut}`).toBe(true);
    }
  });

  it('that is another file is not gone on with, and stays as it is', async () => {
    const strange = 'notes\nof mine\n';
    writeFileSync(at(name), strange);
    await refused(open(name, { mode: 'resume' }), 'option-invalid', /cannot be gone on with: line 1 .*--overwrite/);
    expect(text(name)).toBe(strange);
  });

  it('of many photos is read in parts as it was written', async () => {
    const many = Array.from({ length: 1_500 }, (_, i) =>
      photo(`${i}\n"${i}".jpg`, row('clipcap', 'x'.repeat(i)), row('decap', 'y,\n')),
    );
    await write(name, many);
    const sink = await open(name, { mode: 'resume' });
    expect([...sink.done]).toEqual(many.map(({ key }) => key));
    await sink.abandon();
  });

  it('goes to standard output where it is called -', async () => {
    await write(name);
    const streams = io();
    const sink = await open('-', { format: name.split('.')[1] as SinkFormat }, streams);
    for (const answer of photos) await sink.write(answer);
    await sink.finish();
    expect(streams.stdout.text).toBe(text(name));
  });
});

describe('what is written', () => {
  it('as JSON lines is what caption --json prints, without times', async () => {
    await write('out.jsonl');
    const [first, second, third] = text('out.jsonl')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toEqual({
      image: 'COCO_val2014_000000000007.jpg',
      family: 'pocket',
      device: 'cpu',
      precision: 'fp32',
      captions: [
        {
          decoder: 'clipcap',
          caption: 'seven, "clipcap"',
          tokens: [1, 2],
          logProb: -3.5,
          similarity: 0.25,
          certainty: 'likely',
          optimised: false,
        },
        expect.objectContaining({ decoder: 'decap', caption: '=1+1' }),
      ],
    });
    expect((second!.captions as unknown[])[1]).toEqual({
      decoder: 'decap',
      error: { code: 'needs-image', message: 'It reads a photo, "that" is none.' },
    });
    expect(third).toEqual({
      image: 'broken.jpg',
      error: { code: 'image-unreadable', message: 'It is no picture.' },
    });
  });

  it('as CSV is guarded against formulas', async () => {
    await write('out.csv');
    expect(text('out.csv')).toContain("'=1+1");
    expect(text('out.csv')).toContain("\r\n'=cmd.jpg,");
  });

  it('as COCO results has ids of the input, of the names, and the names; one caption, the best', async () => {
    const answers = [
      { ...photos[0]! },
      { ...photo('x.jpg', row('clipcap', 'x')), imageId: 12 },
      photos[1]!,
      unread('gone.jpg'),
    ];
    const all = answers.map((answer) => ({ ...sources([answer])[0]!, imageId: answer.imageId }));
    const { tell } = await write('out.json', answers, { sources: all });
    expect(JSON.parse(text('out.json'))).toEqual([
      { image_id: 7, caption: '=1+1' },
      { image_id: 12, caption: 'x' },
      { image_id: 'sub/a\nb.jpg', caption: 'two\nlines' },
    ]);
    expect(tell).toEqual([expect.stringMatching(/out\.json: 2 photos have no COCO id .*the name stands for it/)]);
    const twice = [photo('a/7.jpg'), photo('b/7.jpg')];
    await refused(
      open('new.json', { sources: sources(twice) }),
      'option-invalid',
      /a\/7\.jpg and b\/7\.jpg are both 7\. Write another format, for example new\.jsonl/,
    );
    await write('none.json', []);
    expect(JSON.parse(text('none.json'))).toEqual([]);
  });

  it('as parquet has a row a photo and lane, in row groups', async () => {
    await write('out.parquet');
    const file = await asyncBufferFromFile(at('out.parquet'));
    const rows = await parquetReadObjects({ file });
    expect(rows).toHaveLength(7);
    expect(rows[2]).toEqual({
      key: 'sub/a\nb.jpg',
      path: 'photos/sub/a\nb.jpg',
      caption: 'two\nlines',
      captions: ['two\nlines', 'x'],
      similarity: 0.25,
      similarities: [0.25, 0.125],
      decoder: 'clipcap',
      lane: 'clipcap',
      family: 'pocket',
      familyHash: 'abc',
      options: '{"beam":5,"note":"a, \\"b\\""}',
      seed: 2n ** 40n,
      error: null,
    });
    expect(rows[4]).toMatchObject({
      key: 'broken.jpg',
      caption: null,
      lane: null,
      error: 'image-unreadable: It is no picture.',
    });
    await write('none.parquet', []);
    expect(await parquetReadObjects({ file: await asyncBufferFromFile(at('none.parquet')) })).toEqual([]);
    const many = Array.from({ length: 2_500 }, (_, i) => photo(`${i}.jpg`, row('clipcap', `c${i}`), row('decap', 'd')));
    await write('many.parquet', many, { sources: [] });
    const big = await asyncBufferFromFile(at('many.parquet'));
    expect((await parquetMetadataAsync(big)).row_groups.map(({ num_rows: n }) => Number(n))).toEqual([
      2000, 2000, 1000,
    ]);
    const keys = (await parquetReadObjects({ file: big, columns: ['key'] })).map(({ key }) => key as string);
    expect(keys).toEqual(many.flatMap(({ key }) => [key, key]));
  });

  it('as a webdataset is picture, json and txt of each photo, and is a source again', async () => {
    const png = Buffer.from('\x89PNG....', 'latin1');
    const answers = [
      photo('a.b/x.y.jpg', row('clipcap', 'one')),
      photo('a.b/x.y.png', row('clipcap', 'two', { optimised: true }), row('decap', 'best', { similarity: 0 })),
      unread('../z.jpg'),
    ];
    const all = sources(answers).map((source, i) => (i === 1 ? { ...source, read: async () => png } : source));
    await write('out.tar', answers, { sources: all });
    const names: string[] = [];
    for await (const entry of new PassThrough().end(readFileSync(at('out.tar'))).pipe(extract())) {
      names.push(entry.header.name);
      entry.resume();
    }
    expect(names).toEqual([
      'a.b/x_y.jpg',
      'a.b/x_y.json',
      'a.b/x_y.txt',
      'a.b/x_y-2.png',
      'a.b/x_y-2.json',
      'a.b/x_y-2.txt',
    ]);
    const read = await openSources({ cwd: folder, stdin: process.stdin }, { inputs: ['out.tar'], addresses: 'off' });
    expect(read.sources.map(({ key, references }) => [key, references])).toEqual([
      ['a.b/x_y', ['one']],
      ['a.b/x_y-2', ['best']],
    ]);
    expect(Buffer.from(await read.sources[0]!.read()).toString()).toBe('bytes of a.b/x.y.jpg');
    await read.close();
  });

  it('as a webdataset keeps what was said of a photo that cannot be read any more, and its neighbours whole', async () => {
    const answers = ['a.jpg', 'gone.jpg', 'z.jpg'].map((key) => photo(key, row('clipcap', `of ${key}`)));
    const all = sources(answers).map((source, i) =>
      i === 1 ? { ...source, read: () => Promise.reject(new Error('gone meanwhile')) } : source,
    );
    await write('out.tar', answers, { sources: all });
    const found: Record<string, string> = {};
    for await (const entry of new PassThrough().end(readFileSync(at('out.tar'))).pipe(extract())) {
      const parts: Buffer[] = [];
      for await (const part of entry) parts.push(part as Buffer);
      found[entry.header.name] = Buffer.concat(parts).toString();
    }
    expect(Object.keys(found)).toEqual([
      'a.jpg',
      'a.json',
      'a.txt',
      'gone.json',
      'gone.txt',
      'z.jpg',
      'z.json',
      'z.txt',
    ]);
    expect(found['gone.txt']).toBe('of gone.jpg');
    expect(JSON.parse(found['gone.json']!)).toMatchObject({ key: 'gone.jpg' });
    expect(found['z.jpg']).toBe('bytes of z.jpg');
  });

  it('is never what the photos come from', async () => {
    writeFileSync(at('a.jpg'), 'photo');
    writeFileSync(at('list.csv'), 'image\na.jpg\n');
    const one = [photo('x.jpg', row('clipcap', 'x'))];
    await write('set.tar', one, { sources: sources(one) });
    for (const [input, format] of [
      ['a.jpg', 'jsonl'],
      ['list.csv', 'csv'],
      ['set.tar', 'webdataset'],
    ] as const) {
      const read = await openSources({ cwd: folder, stdin: process.stdin }, { inputs: [input], addresses: 'off' });
      const before = readFileSync(at(input));
      await refused(
        open(`./${input}`, { mode: 'overwrite', format, sources: read.sources }),
        'option-invalid',
        /is where the photos come from, and would be written over/,
      );
      expect(readFileSync(at(input)).equals(before)).toBe(true);
      await read.close();
    }
  });

  it('is told by the ending or the format', async () => {
    await refused(open('out.txt'), 'option-invalid', /out\.txt: its ending does not tell what to write\. .*--format/);
    await write('out.txt', photos, { format: 'csv' });
    expect(text('out.txt')).toMatch(/^key,path,caption,/);
  });

  it.each([...grown, 'out.parquet'])('%s is read as captions by lane again', async (name) => {
    await write(name);
    const bytes = readFileSync(at(name));
    const lanesOf = candidatesIn(name, readCaptions(name, isParquet(bytes) ? await captionLines(name, bytes) : bytes));
    const said = Object.fromEntries(
      [...lanesOf].map(([lane, images]) => [
        lane,
        Object.fromEntries(images.map(({ names, captions }) => [names[0], captions[0] ?? ''])),
      ]),
    );
    expect(said).toEqual({
      clipcap: {
        'COCO_val2014_000000000007.jpg': 'seven, "clipcap"',
        'sub/a\nb.jpg': 'two\nlines',
        '=cmd.jpg': '',
      },
      decap: { 'COCO_val2014_000000000007.jpg': '=1+1', '=cmd.jpg': '["a"]' },
    });
  });
});

it('the best caption is the one with the highest cosine that was not optimised for it', () => {
  const best = (...rows: AnsweredRow[]) => bestOf(rows)?.lane;
  expect(best(row('a', 'x', { similarity: 0.1 }), row('b', 'x', { similarity: 0.2 }))).toBe('b');
  expect(best(row('a', 'x', { similarity: 0.1 }), row('b', 'x', { similarity: 0.2, optimised: true }))).toBe('a');
  expect(best(row('a', '', { similarity: 0.9 }), row('b', 'x', { similarity: -0.2 }))).toBe('b');
  expect(best(row('a', 'x'), row('b', 'x'))).toBe('a');
  expect(best(failed('a'))).toBe(undefined);
});

// A limit of the process on the size of files takes a part of a write, as a disk does that becomes full.
it.skipIf(process.platform !== 'linux').each(grown)('%s holds whole photos where the disk becomes full', (name) => {
  const program = `
    import { openSink } from ${JSON.stringify(fileURLToPath(new URL('./open.ts', import.meta.url)))};
    process.on('SIGXFSZ', () => undefined);
    const io = { cwd: ${JSON.stringify(folder)}, stdout: process.stdout };
    const sink = await openSink(io, ${JSON.stringify(name)}, { mode: 'new', lanes: ['a', 'b'], sources: [] });
    const row = (lane) => ({ lane, decoder: lane, options: {}, caption: 'x'.repeat(300), similarity: 0.5 });
    let n = 0;
    try {
      for (;; n++) await sink.write({ ...${JSON.stringify(photo(''))}, key: n + '.jpg', rows: [row('a'), row('b')] });
    } catch ({ code }) { console.log(JSON.stringify({ n, code })); }`;
  writeFileSync(at('fill.ts'), program);
  const banner = "import { createRequire as requirer } from 'node:module'; const require = requirer(import.meta.url);";
  const built = spawnSync(
    fileURLToPath(new URL('../../../node_modules/esbuild/bin/esbuild', import.meta.url)),
    ['fill.ts', '--bundle', '--platform=node', '--format=esm', '--outfile=fill.mjs', `--banner:js=${banner}`],
    { cwd: folder, encoding: 'utf8' },
  );
  expect(built.status, built.stderr).toBe(0);
  const ran = spawnSync('bash', ['-c', `ulimit -f 8 && exec "${process.execPath}" fill.mjs`], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(ran.stderr).toBe('');
  const said = JSON.parse(ran.stdout) as { n: number; code: string };
  expect(said.code).toBe('storage-full');
  const read = candidatesIn(name, readCaptions(name, readFileSync(at(name))));
  for (const images of read.values()) expect(images).toHaveLength(said.n);
});
