import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toHalves } from '../../models/float16';
import { npyHeader, readNpy, writeNpy } from '../../models/files/npy';
import { Matrix } from '../../models/vectors/matrix';
import { VectorIndex } from '../vectors/vector-index';
import { inProcess, jsonLines, SharedEngines } from './test-cli';
import { drawCollection } from './test-photos';

const folder = mkdtempSync(join(tmpdir(), 'studio-search-'));
const at = (...names: string[]) => join(folder, ...names);
const engines = new SharedEngines();
const env = { ...process.env, STUDIO_DEVICE: 'cpu', DATABASE_URL: `file:${at('data', 'studio.db')}` };
const given = { cwd: folder, env, openEngine: engines.openEngine };
const studio = (...args: string[]) => inProcess(args, given);
type Found = { query: string; hits: { key: string; row: number; cosine: number }[] };
const found = (out: string) => jsonLines(out) as unknown as Found[];

let names: string[];
let rows: Float32Array[];
beforeAll(async () => {
  mkdirSync(at('photos'));
  names = await drawCollection(at('photos'), 8);
  await studio('embed', 'photos', '--exact', '--out', 'all.npy');
  rows = readNpy(readFileSync(at('all.npy')));
}, 120_000);
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('search', { timeout: 120_000 }, () => {
  it('finds a photo by itself, a row by its like, and by a text what the cosines of its embedding say', async () => {
    const { status, out } = await studio(
      ...['search', 'all.npy', '--photo', `photos/${names[3]}`, '--row', names[5]!, '--text', 'a red ball on a lawn'],
      ...['--top', '3', '--json'],
    );
    const [text, photo, row] = found(out);
    expect(status).toBe(0);
    expect(photo!.hits[0]).toMatchObject({ key: names[3], row: 3, cosine: expect.closeTo(1, 3) });
    expect(row!.hits.map(({ key }) => key)).not.toContain(names[5]);
    expect(text!.hits).toHaveLength(3);
    const { values } = JSON.parse((await studio('embed', '--text', 'a red ball on a lawn')).out) as {
      values: number[];
    };
    const norm = (v: ArrayLike<number>) => Math.hypot(...Array.from(v));
    const cosines = rows.map((r) => r.reduce((sum, v, i) => sum + v * values[i]!, 0) / norm(r) / norm(values));
    const order = cosines.map((_, i) => i).sort((a, b) => cosines[b]! - cosines[a]!);
    expect(text!.hits.map((hit) => hit.row)).toEqual(order.slice(0, 3));
    text!.hits.forEach(({ row: r, cosine }) => expect(cosine).toBeCloseTo(cosines[r]!, 5));
    expect((await studio('search', 'all.npy', '--row', names[5]!)).out).toMatch(
      /^0005\.png\n {4}1 {3}0\.\d{4} {2}00\d\d\.png/,
    );
  });

  it('answers a list of texts, and the rows of a file', async () => {
    const typed = await inProcess(['search', 'all.npy', '--queries', '-', '--json', '--top', '1'], {
      ...given,
      stdin: 'a dog\r\n\na lawn',
    });
    expect(found(typed.out).map(({ query }) => query)).toEqual(['a dog', 'a lawn']);
    writeFileSync(at('two.npy'), writeNpy([rows[1]!.map((v) => v * 7), rows[6]!]));
    const byFile = found((await studio('search', 'all.npy', '--vector', 'two.npy', '--json')).out);
    expect(byFile.map(({ query, hits }) => [query, hits[0]!.row])).toEqual([
      ['two.npy[0]', 1],
      ['two.npy[1]', 6],
    ]);
  });

  it('counts recall against references, and never finds a row that is no vector', async () => {
    const { out } = await studio('caption', 'photos', '--decoder', 'clipcap', '--json');
    const captions = jsonLines(out) as unknown as { image: string; captions: { caption: string }[] }[];
    writeFileSync(
      at('said.jsonl'),
      captions
        .slice(0, 6)
        .map((one) => JSON.stringify({ image: one.image, captions: [one.captions[0]!.caption] }))
        .join('\n'),
    );
    const report = jsonLines((await studio('search', 'all.npy', '--references', 'said.jsonl', '--json')).out)[0]!;
    expect(report).toMatchObject({
      rows: 8,
      images: 6,
      texts: 6,
      textToImage: { queries: 6 },
      imageToText: { queries: 6 },
    });
    const { recall1, recall10 } = report.textToImage as { recall1: number; recall10: number };
    expect(recall10).toBe(1);
    expect(recall1).toBeGreaterThan(0);
    writeFileSync(at('nan.npy'), writeNpy(rows.map((row, i) => (i === 3 ? row.map(() => NaN) : row))));
    const { out: rest, err } = await studio('search', 'nan.npy', '--photo', `photos/${names[3]}`, '--json');
    expect(err).toMatch(/1 rows are no vectors/);
    expect(found(rest)[0]!.hits.map(({ row }) => row)).not.toContain(3);
  });

  it('searches in threads what it searches in one, of a file in half precision', async () => {
    const dim = 24;
    const count = 1003;
    const values = Float32Array.from({ length: count * dim }, (_, i) => Math.sin(i * i));
    const head = Buffer.from(npyHeader([count, dim]))
      .toString('latin1')
      .replace('<f4', '<f2');
    const bytes = Buffer.concat([Buffer.from(head, 'latin1'), new Uint8Array(toHalves(values).buffer)]);
    writeFileSync(at('half.npy'), bytes);
    const open = { matrix: Matrix.open('half.npy', bytes), path: at('half.npy') };
    const [one, three] = [await VectorIndex.open(open), await VectorIndex.open(open, 3)];
    for (const row of [0, 334, 700, 1002]) {
      const query = open.matrix.row(row);
      const hits = await three.search(query, 12);
      expect(hits).toEqual(await one.search(query, 12));
      expect(hits[0]).toMatchObject({ row, cosine: expect.closeTo(1, 3) });
    }
    await expect(three.search(new Float32Array(8), 1)).rejects.toMatchObject({ code: 'embedding-mismatch' });
    await three.close();
  });

  it.each([
    [[], /Name the vectors/],
    [['all.npy'], /Say what to search for/],
    [['all.npy', '--text', 'x', '--references', 'r.jsonl'], /one of them/],
    [['all.npy', '--row', 'nobody.png'], /has no such key. It has 8, the first is 0000\.png/],
    [['all.npy', '--text', 'x', '--top', '0'], /--top is "0"/],
    [['wide.npy', '--text', 'x'], /wide\.npy has 3 values; the space pocket has 256/],
    [['all.npy', '--queries', 'nope.txt'], /There is no file nope\.txt/],
    [['all.npy', '--references', 'strangers.jsonl'], /None of the 1 images with references is a row/],
  ] as [string[], RegExp][])('refuses %j in words', async (args, message) => {
    writeFileSync(at('wide.npy'), writeNpy([new Float32Array(3).fill(1), new Float32Array(3).fill(1)]));
    writeFileSync(at('strangers.jsonl'), JSON.stringify({ image: 'x.jpg', captions: ['a dog'] }));
    const { status, err } = await studio('search', ...args);
    expect(status).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
