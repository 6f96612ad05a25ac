import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../models/files/npy';
import { inProcess, jsonLines, SharedEngines } from './test-cli';
import { drawCollection } from './test-photos';

const folder = mkdtempSync(join(tmpdir(), 'studio-classify-'));
const at = (...names: string[]) => join(folder, ...names);
const engines = new SharedEngines();
const env = { ...process.env, STUDIO_DEVICE: 'cpu', DATABASE_URL: `file:${at('data', 'studio.db')}` };
const studio = (...args: string[]) => inProcess(args, { cwd: folder, env, openEngine: engines.openEngine });
type Said = { image: string; labels: { label: string; probability: number; cosine: number }[]; truth?: string };

let names: string[];
beforeAll(async () => {
  mkdirSync(at('photos'));
  names = await drawCollection(at('photos'), 4);
  writeFileSync(at('labels.txt'), 'dog\na sunset\nball on grass\n');
}, 120_000);
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('classify', { timeout: 120_000 }, () => {
  it('says of each photo its labels, the same of the vectors of a matrix, and names what it cannot read', async () => {
    writeFileSync(at('photos', 'broken.jpg'), 'no picture');
    const args = ['--labels', 'labels.txt', '--template', 'a drawing of a {}', '--template', '{}', '--json'];
    const { status, out, err } = await studio('classify', 'photos', '--exact', ...args);
    expect(err).toMatch(/broken/);
    rmSync(at('photos', 'broken.jpg'));
    const lines = jsonLines(out) as unknown as Said[];
    expect(status).toBe(1);
    expect(lines.find(({ image }) => image === 'broken.jpg')).toMatchObject({ error: { code: 'image-unreadable' } });
    const read = lines.filter((line) => line.labels);
    expect(read.map(({ image }) => image)).toEqual(names);
    for (const { labels } of read) {
      expect(labels.map(({ label }) => label).sort()).toEqual(['a sunset', 'ball on grass', 'dog']);
      expect(labels.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 9);
      expect(labels[0]!.cosine).toBeGreaterThanOrEqual(labels[1]!.cosine);
    }
    await studio('embed', 'photos', '--exact', '--out', 'all.npy');
    const vectors = jsonLines((await studio('classify', 'all.npy', ...args)).out) as unknown as Said[];
    vectors.forEach(({ image, labels }, i) => {
      expect(image).toBe(names[i]);
      labels.forEach(({ cosine, label }, j) => {
        expect(label).toBe(read[i]!.labels[j]!.label);
        expect(cosine).toBeCloseTo(read[i]!.labels[j]!.cosine, 4);
      });
    });
    // A large temperature evens out; what is told of each is limited.
    const warm = await studio(
      'classify',
      'all.npy',
      '--labels',
      'labels.txt',
      '--temperature',
      '100',
      '--top',
      '1',
      '--json',
    );
    for (const { labels } of jsonLines(warm.out) as unknown as Said[]) {
      expect(labels).toHaveLength(1);
      expect(labels[0]!.probability).toBeCloseTo(1 / 3, 2);
    }
  });

  it('tells top-1 and top-5 where the labels are known, by a table or by folders', async () => {
    await studio('embed', 'photos', '--exact', '--out', 'known.npy');
    const first = (
      jsonLines((await studio('classify', 'known.npy', '--labels', 'labels.txt', '--json')).out) as unknown as Said[]
    ).map(({ labels }) => labels.map(({ label }) => label));
    // Right of the first, second of the second; of the others nothing is known.
    writeFileSync(at('truth.csv'), `image,label\n${names[0]},${first[0]![0]}\n${names[1]},${first[1]![1]}\n`);
    const told = await studio('classify', 'known.npy', '--labels', 'labels.txt', '--truth', 'truth.csv', '--json');
    const lines = jsonLines(told.out);
    expect(lines.at(-1)).toEqual({ photos: 2, top1: 0.5, top5: 1 });
    expect(lines[0]).toMatchObject({ truth: first[0]![0] });
    mkdirSync(at('folders', 'dog'), { recursive: true });
    copyFileSync(at('photos', names[0]!), at('folders', 'dog', 'x.png'));
    const folders = await studio('classify', 'folders', '--labels', 'labels.txt', '--truth', 'folders');
    expect(folders.err).toMatch(/top-1 \d+\.0 %, top-5 100\.0 % of 1 photos, 3 labels/);
  });

  it('tells a row that is no vector, and goes on', async () => {
    await studio('embed', 'photos', '--exact', '--out', 'rows.npy');
    const rows = readNpy(readFileSync(at('rows.npy'))).map((row, i) => (i === 1 ? row.map(() => NaN) : row));
    writeFileSync(at('nan.npy'), writeNpy(rows));
    const { status, out } = await studio('classify', 'nan.npy', '--labels', 'labels.txt', '--json');
    expect(status).toBe(1);
    expect(jsonLines(out)[1]).toMatchObject({ image: '1', error: { code: 'embedding-invalid' } });
    expect(jsonLines(out)).toHaveLength(4);
  });

  it.each([
    [[], /Name the photos and the labels/],
    [['photos', '--labels', 'twice.txt'], /twice\.txt, line 3: the label "a" is there already \(line 1\)/],
    [['photos', '--labels', 'gap.txt'], /gap\.txt, line 2: the label is empty/],
    [['photos', '--labels', 'labels.txt', '--temperature', '0'], /--temperature is "0"/],
    [['photos', '--labels', 'labels.txt', '--template', 'x'], /has no \{\}/],
    [
      ['photos', '--labels', 'labels.txt', '--truth', 'odd.csv'],
      /says "cow" of 0000\.png, which is none of the labels/,
    ],
  ] as [string[], RegExp][])('refuses %j in words', async (args, message) => {
    writeFileSync(at('twice.txt'), 'a\nb\na\n');
    writeFileSync(at('gap.txt'), 'a\n\nb\n');
    writeFileSync(at('odd.csv'), 'image,label\n0000.png,cow\n');
    const { status, err } = await studio('classify', ...args);
    expect(status).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
