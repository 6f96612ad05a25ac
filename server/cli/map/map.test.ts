import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from '../../../models/files/npy';
import { randomNormal, seeded } from '../../../models/random';
import { inProcess, jsonLines } from '../test-cli';

const folder = mkdtempSync(join(tmpdir(), 'studio-map-'));
const at = (name: string) => join(folder, name);
const never = () => Promise.reject(new Error('no engine may be opened'));
const studio = (...args: string[]) => inProcess(args, { cwd: folder, openEngine: never });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = seeded(3);
const draw = (n: number) => Float32Array.from({ length: n }, () => randomNormal(random));
const ours = Array.from({ length: 300 }, () => draw(256).map((v, i) => (i < 12 ? v : v / 50)));
/** The foreign space sees the first 12 values, mixed and scaled. */
const mix = Array.from({ length: 20 }, () => draw(12));
const foreign = ours.map((row) =>
  Float32Array.from(mix, (weights) => 9 * weights.reduce((sum, v, i) => sum + v * row[i]!, 0)),
);

describe('map', () => {
  it('is fitted on pairs that keys join, tells its held-out cosine, and brings vectors over that are found', async () => {
    writeFileSync(at('ours.npy'), writeNpy(ours));
    writeFileSync(at('ours.keys.json'), JSON.stringify(ours.map((_, i) => `photo ${i}`)));
    // In another order, with one that nobody knows.
    const turned = [...foreign].reverse();
    writeFileSync(at('foreign.npy'), writeNpy([...turned, draw(20)]));
    writeFileSync(at('foreign.keys.json'), JSON.stringify([...turned.map((_, i) => `photo ${299 - i}`), 'nobody']));
    const fit = await studio('map', 'fit', 'foreign.npy', 'ours.npy', '--out', 'm.safetensors', '--json');
    expect([fit.status, fit.err]).toEqual([0, expect.stringMatching(/1 of 301 rows of foreign\.npy have no partner/)]);
    const [report] = jsonLines(fit.out);
    expect(report).toMatchObject({ out: 'm.safetensors', from: 20, to: 256, space: 'pocket', pairs: 300, heldOut: 30 });
    expect(report!.heldOutCosine).toBeGreaterThan(0.9);
    expect(report!.meanCosine).toBeLessThan(0.3);

    const broken = turned.map((row, i) => (i === 4 ? row.map(() => NaN) : row));
    writeFileSync(at('some.npy'), writeNpy(broken));
    writeFileSync(at('names.txt'), turned.map((_, i) => `row ${i}`).join('\n'));
    const args = ['some.npy', '--map', 'm.safetensors', '--keys', 'names.txt', '--out', 'mapped.npy', '--json'];
    const applied = await studio('map', 'apply', ...args);
    expect(jsonLines(applied.out)).toEqual([{ out: 'mapped.npy', rows: 300, dim: 256, space: 'pocket', lost: 1 }]);
    expect(applied.err).toMatch(/1 rows are no vectors/);
    expect(JSON.parse(readFileSync(at('mapped.keys.json'), 'utf8'))).toHaveLength(300);
    writeFileSync(at('check.npy'), writeNpy([turned[0]!, turned[1]!]));
    await studio('map', 'apply', 'check.npy', '--map', 'm.safetensors', '--out', 'two.npy');
    const [first] = readNpy(readFileSync(at('two.npy')));
    const cosine = (a: Float32Array, b: Float32Array) =>
      a.reduce((sum, v, i) => sum + v * b[i]!, 0) / Math.hypot(...a) / Math.hypot(...b);
    const best = ours.map((row, i) => [cosine(first!, row), i] as const).sort((a, b) => b[0] - a[0])[0]!;
    expect(best[1]).toBe(299);
  });

  it.each([
    [['fit', 'foreign.npy', 'ours.npy'], /Name both matrices and the map/],
    [['fit', 'few.npy', 'ours.npy', '--out', 'x.safetensors'], /few\.npy has 4 rows and ours\.npy 300/],
    [['fit', 'few.npy', 'few256.npy', '--out', 'x.safetensors'], /There are 4 pairs; a map is fitted on 20 at least/],
    [['fit', 'few.npy', 'few.npy', '--out', 'x.safetensors'], /few\.npy has 3 values; the space pocket has 256/],
    [
      ['apply', 'few.npy', '--map', 'm.safetensors', '--out', 'y.npy'],
      /few\.npy has 3 values; the map m\.safetensors reads 20/,
    ],
    [['apply', 'few.npy', '--map', 'few.npy', '--out', 'y.npy'], /few\.npy is not a sound safetensors file|is no map/],
    [['apply', 'few.npy', '--map', 'm.safetensors', '--out', 'y.json'], /ends in \.npy/],
    [['fit', 'few256.npy', 'few256.npy', '--out', 'm.json'], /ends in \.safetensors/],
    [['fitt', 'a'], /Did you mean "map fit"/],
  ] as [string[], RegExp][])('refuses %j in words', async (args, message) => {
    writeFileSync(at('few.npy'), writeNpy(Array.from({ length: 4 }, () => draw(3))));
    writeFileSync(at('few256.npy'), writeNpy(Array.from({ length: 4 }, () => draw(256))));
    const { status, err } = await studio('map', ...args);
    expect(status).toBeGreaterThan(0);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });
});
