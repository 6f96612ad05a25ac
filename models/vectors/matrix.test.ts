import { describe, expect, it } from 'vitest';
import { toHalf } from '../float16';
import { type ByteSource } from '../files/byte-source';
import { npyHeader, writeNpy } from '../files/npy';
import { norm } from '../spaces/embedding';
import { centroids, direction } from './groups';
import { Matrix } from './matrix';

/** A .npy whose header is rewritten: other types, other orders. */
function npy(shape: readonly number[], data: Uint8Array, change: (header: string) => string = (h) => h): Uint8Array {
  const head = change(new TextDecoder('latin1').decode(npyHeader(shape)));
  const bytes = new Uint8Array(head.length + data.length);
  bytes.set(Uint8Array.from(head, (letter) => letter.charCodeAt(0)));
  bytes.set(data, head.length);
  return bytes;
}
const bytesOf = ({ buffer }: Float32Array | Uint16Array | Float64Array) => new Uint8Array(buffer as ArrayBuffer);

describe('Matrix', () => {
  it('reads of a .npy what is asked for and no more, a million rows of half precision', () => {
    const [rows, dim] = [1_000_000, 8];
    const head = npy([rows, dim], new Uint8Array(0), (text) => text.replace('<f4', '<f2'));
    let most = 0;
    const source: ByteSource = {
      size: head.length + rows * dim * 2,
      read(offset, length) {
        most = Math.max(most, length);
        const out = new Uint8Array(length);
        for (let i = 0; i < length; i++) out[i] = head[offset + i] ?? 0;
        // Row r is 1, r mod 100, 0 …
        for (let at = Math.max(offset, head.length); at < offset + length; at++) {
          const value = (at - head.length) >> 1;
          const [row, place] = [Math.floor(value / dim), value % dim];
          const half = toHalf(place === 0 ? 1 : place === 1 ? row % 100 : 0);
          out[at - offset] = (at - head.length) % 2 ? half >> 8 : half & 255;
        }
        return out;
      },
    };
    const matrix = Matrix.open('many.npy', source);
    expect([matrix.rows, matrix.dim, matrix.plain?.type]).toEqual([rows, dim, 'F16']);
    expect([...matrix.row(999_942)]).toEqual([1, 42, 0, 0, 0, 0, 0, 0]);
    expect([...matrix.slice(7, 2)]).toEqual([1, 7, 0, 0, 0, 0, 0, 0, 1, 8, 0, 0, 0, 0, 0, 0]);
    const { clusters } = centroids(
      matrix,
      Array.from({ length: 20_000 }, (_, row) => (row % 100 === 3 ? 'three' : undefined)),
    );
    expect(clusters).toMatchObject([{ label: 'three', rows: 200, cohesion: expect.closeTo(1, 5) }]);
    expect(clusters[0]!.centroid[1]).toBeCloseTo(3 / Math.sqrt(10), 5);
    expect(most).toBeLessThan(200_000);
  });

  it('tells a row that is no vector alone, with its place and index', () => {
    const values = Float64Array.of(1, 2, NaN, 4, 0, 0, 1e300, 1);
    const matrix = Matrix.open(
      'odd.npy',
      npy([4, 2], bytesOf(values), (text) => text.replace('<f4', '<f8')),
    );
    expect([...matrix.row(0)]).toEqual([1, 2]);
    expect(() => matrix.row(1)).toThrow(/odd\.npy\[1\] holds NaN at index 0/);
    expect(() => matrix.row(2)).toThrow(/odd\.npy\[2\] is all zeros/);
    expect(() => matrix.row(3)).toThrow(/odd\.npy\[3\] holds 1e\+300 at index 0: finite, but too large/);
    expect(() => matrix.demand({ name: 'pocket', dim: 256 })).toThrow(/has 2 values; the space pocket has 256/);
  });

  it('reads the other orders, JSON and one vector alike', () => {
    const columns = npy([2, 3], bytesOf(Float32Array.of(1, 4, 2, 5, 3, 6)), (text) => text.replace('False', 'True '));
    const json = new TextEncoder().encode('{"space":"clip","modality":"text","values":[[1,2,3],[4,5,6]]}');
    for (const matrix of [Matrix.open('f.npy', columns), Matrix.open('m.json', json)]) {
      expect([...matrix.row(1)]).toEqual([4, 5, 6]);
      expect([...matrix.slice(0, 2)]).toEqual([1, 2, 3, 4, 5, 6]);
    }
    expect(() => Matrix.open('m.json', json).demand({ name: 'pocket', dim: 3 })).toThrow(/of the space clip/);
    expect(Matrix.open('one.npy', writeNpy([Float32Array.of(1, 2)]))).toMatchObject({ rows: 1, dim: 2 });
  });
});

describe('clusters and directions', () => {
  it('averages directions, whatever their lengths, and leaves out what is no vector', () => {
    const rows = [Float32Array.of(10, 0), Float32Array.of(0, 0.1), Float32Array.of(NaN, 1), Float32Array.of(-3, 0)];
    const matrix = Matrix.open('m.npy', writeNpy(rows));
    const { clusters, lost } = centroids(matrix, ['a', 'a', 'a', 'b']);
    expect(clusters.map(({ label, rows: n, centroid }) => [label, n, ...centroid])).toEqual([
      ['a', 2, 0.5, 0.5],
      ['b', 1, -1, 0],
    ]);
    expect(clusters[0]!.cohesion).toBeCloseTo(Math.SQRT1_2, 6);
    expect(lost).toEqual([2]);
    expect(() => centroids(matrix, [])).toThrow(/No row of m\.npy has a label/);
  });

  it('points from one to the other, and refuses where both are alike', () => {
    const [a, b] = [Float32Array.of(5, 0), Float32Array.of(0, 2)];
    expect([...direction(a, b, ['a', 'b'])]).toEqual([1, -1]);
    expect(norm(direction(a, b, ['a', 'b']))).toBeCloseTo(Math.SQRT2, 6);
    expect(() => direction(a, Float32Array.of(1, 0), ['a', 'b'])).toThrow(/a and b point the same way/);
  });
});
