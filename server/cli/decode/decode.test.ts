import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../../models/files/npy';
import { inProcess, jsonLines, SharedEngines } from '../test-cli';
import { drawCollection } from '../test-photos';

const folder = mkdtempSync(join(tmpdir(), 'studio-decode-'));
const at = (...names: string[]) => join(folder, ...names);
const engines = new SharedEngines();
const env = { ...process.env, STUDIO_DEVICE: 'cpu', DATABASE_URL: `file:${at('data', 'studio.db')}` };
const studio = (...args: string[]) => inProcess(args, { cwd: folder, env, openEngine: engines.openEngine });
const never = () => Promise.reject(new Error('no engine may be opened'));
const greedy = ['--decoder', 'decap', '--option', 'decap.search=greedy'];
type Said = { image: string; captions: { caption: string }[]; error?: { code: string; message: string } };
const said = (out: string) => jsonLines(out) as unknown as Said[];
const caption = ({ captions }: Said) => captions[0]!.caption;

let names: string[];
let rows: Float32Array[];
beforeAll(async () => {
  mkdirSync(at('photos'));
  names = await drawCollection(at('photos'), 6);
  await studio('embed', 'photos', '--exact', '--out', 'all.npy');
  rows = readNpy(readFileSync(at('all.npy')));
}, 120_000);
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('decode of a matrix', { timeout: 240_000 }, () => {
  it('says of each row what is said of its photo, called by the key beside it; a row that is no vector is told', async () => {
    const photos = said((await studio('caption', 'photos', '--exact', ...greedy, '--json')).out);
    const broken = rows.map((row, i) => (i === 2 ? row.map(() => NaN) : row));
    writeFileSync(at('nan.npy'), writeNpy(broken));
    writeFileSync(at('nan.keys.json'), JSON.stringify(names));
    const { status, out, err } = await studio('decode', 'nan.npy', ...greedy, '--json');
    const lines = said(out);
    expect(status).toBe(1);
    expect(lines.map(({ image }) => image)).toEqual(names);
    expect(err).toMatch(/nan\.npy\[2\] 0002\.png: nan\.npy\[2\] holds NaN at index 0/);
    expect(lines[2]!.error?.code).toBe('embedding-invalid');
    for (const n of [0, 1, 3, 4, 5]) expect(caption(lines[n]!)).toBe(caption(photos[n]!));
    const table = await studio('decode', 'nan.npy', '--keys', 'nan.keys.json', ...greedy);
    expect(table.out).toMatch(/nan\.npy\[0\] 0000\.png {3}\(pocket on cpu, fp32\)\n {2}decoder/);
  });

  it('goes on with a file that was begun, to the byte', async () => {
    const args = ['decode', 'all.npy', ...greedy, '--out', 'rows.jsonl'];
    expect((await studio(...args)).status).toBe(0);
    const before = readFileSync(at('rows.jsonl'), 'utf8');
    writeFileSync(at('rows.jsonl'), before.slice(0, before.length / 2));
    expect((await studio(...args, '--resume')).status).toBe(0);
    expect(readFileSync(at('rows.jsonl'), 'utf8')).toBe(before);
    expect(said(before)).toHaveLength(6);
    expect((await studio(...args)).err).toMatch(/rows\.jsonl is there already/);
  });

  it('names clusters by their centroids, by the keys of a table', async () => {
    const two = names.map((name, i) => `${name},${i < 1 ? 'first' : i < 4 ? 'rest' : ''}`);
    writeFileSync(at('clusters.csv'), ['key,cluster', ...two].join('\n'));
    const args = ['decode', 'all.npy', '--mean-by', 'cluster', '--labels', 'clusters.csv', ...greedy];
    const { status, out, err } = await studio(...args, '--json');
    const lines = said(out);
    expect([status, lines.map(({ image }) => image)]).toEqual([0, ['first', 'rest']]);
    expect(err).toMatch(/2 of 6 vectors have no label/);
    // A cluster of one row says what the row says.
    const [alone] = said((await studio('caption', 'photos', '--exact', ...greedy, '--json')).out);
    expect(caption(lines[0]!)).toBe(caption(alone!));
    expect((await studio(...args)).out).toMatch(/cluster rest: 3 rows, mean cosine to their centroid 0\.\d\d/);
    // Without a column of keys a row for each vector is taken in order.
    writeFileSync(at('plain.jsonl'), names.map((_, i) => JSON.stringify({ kind: i % 2 })).join('\n'));
    const plain = await studio(
      'decode',
      'all.npy',
      '--mean-by',
      'kind',
      '--labels',
      'plain.jsonl',
      ...greedy,
      '--json',
    );
    expect(said(plain.out).map(({ image }) => image)).toEqual(['0', '1']);
    expect(plain.err).toMatch(/taken in their order/);
  });

  it('decodes a direction between two rows, and between two texts', async () => {
    const rowsApart = await studio('decode', 'all.npy', '--direction', `${names[0]},${names[1]}`, ...greedy, '--json');
    expect(jsonLines(rowsApart.out)).toMatchObject([
      { embedding: `${names[0]} − ${names[1]}`, row: 0, captions: [{ caption: expect.stringMatching(/\w/) }] },
    ]);
    const texts = await studio('decode', '--direction', 'a dog runs on grass, a red car', ...greedy);
    expect([texts.status, texts.out]).toEqual([
      0,
      expect.stringMatching(/^a dog runs on grass − a red car {3}\(pocket/),
    ]);
  });

  it.each([
    [['--direction', 'nobody,0001.png'], /expected two keys of rows with a comma.*all\.npy has 0000\.png, 0001\.png/],
    [['--direction', '0001.png,0001.png'], /point the same way/],
    [['--mean-by', 'cluster'], /--mean-by COLUMN and --labels TABLE go together/],
    [['--mean-by', 'colour', '--labels', 'c.csv'], /c\.csv has no column "colour"\. It has key, cluster/],
    [['--mean-by', 'cluster', '--labels', 'foreign.csv'], /None of the 1 keys of foreign\.csv.*0000\.png/],
    [
      ['--mean-by', 'cluster', '--labels', 'twice.csv'],
      /twice\.csv, line 3: key "0000\.png" is there already, on line 2/,
    ],
    [['--keys', 'few.json'], /few\.json has 1 keys and all\.npy 6 rows/],
    [['--keys', 'same.txt'], /same\.txt has the key "a" twice, for the rows 0 and 1/],
    [['--out', 'x.tar'], /A webdataset holds photos/],
  ] as [string[], RegExp][])('refuses %j in words, before any engine is opened', async (args, message) => {
    writeFileSync(at('c.csv'), 'key,cluster\n0000.png,one\n');
    writeFileSync(at('foreign.csv'), 'key,cluster\nx.png,one\n');
    writeFileSync(at('twice.csv'), 'key,cluster\n0000.png,one\n0000.png,two\n');
    writeFileSync(at('few.json'), '["a"]');
    writeFileSync(at('same.txt'), 'a\na\nb\nc\nd\ne\n');
    const { status, err } = await inProcess(['decode', 'all.npy', ...greedy, ...args], {
      cwd: folder,
      env,
      openEngine: never,
    });
    expect(status).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('refuses a matrix of another width, and a file that is none, in words', async () => {
    writeFileSync(at('wide.npy'), writeNpy([new Float32Array(512).fill(1), new Float32Array(512).fill(2)]));
    expect((await studio('decode', 'wide.npy')).err).toMatch(/wide\.npy has 512 values; the space pocket has 256/);
    expect((await studio('decode', 'photos')).err).toMatch(/photos is a folder/);
    expect((await studio('decode', 'nope.npy')).err).toMatch(/There is no file nope\.npy/);
  });
});
