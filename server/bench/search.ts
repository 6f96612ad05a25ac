import { randomFillSync } from 'node:crypto';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { StudioError } from '../../models/errors';
import { fromHalf } from '../../models/float16';
import { npyHeader } from '../../models/files/npy';
import { Matrix } from '../../models/vectors/matrix';
import { FileHandleSource } from '../weights/file-source';
import { VectorIndex } from '../vectors/vector-index';

export type SearchReport = {
  rows: number;
  dim: number;
  cores: number;
  readSeconds: number;
  /** Of each search of the whole matrix for the ten nearest, warm. */
  searchMs: { median: number; least: number; most: number };
  gigabytesPerSecond: number;
  /** The planted row was the first found, each time. */
  right: boolean;
};

/** Numbers of half precision as embeddings have them: of either sign, mostly from 2^-8 to 2^-3, one in a thousand
 * below 2^-14, which processors multiply slowly. */
function drawHalves(bytes: Buffer): void {
  randomFillSync(bytes);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  for (let i = 0; i < halves.length; i++) {
    const bits = halves[i]!;
    const exponent = (bits & 0x0300) === 0 && (bits & 0xff) === 0 ? 0 : 7 + ((bits >> 10) % 6);
    halves[i] = (bits & 0x83ff) | (exponent << 10);
  }
}

/** Writes rows at random as a .npy in half precision, and gives every `every`-th row, which lies in it. */
function writeMatrix(path: string, rows: number, dim: number): Float32Array[] {
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize < rows * dim * 2.2)
    throw new StudioError(
      'storage-full',
      `${tmpdir()} has no room for ${rows} rows of ${dim} values. Give --rows, or name another folder by TMPDIR.`,
    );
  const file = openSync(path, 'w');
  const known: Float32Array[] = [];
  try {
    const head = Buffer.from(npyHeader([rows, dim]))
      .toString('latin1')
      .replace('<f4', '<f2');
    writeSync(file, Buffer.from(head, 'latin1'));
    const atOnce = Math.min(rows, 16_384);
    const bytes = Buffer.alloc(atOnce * dim * 2);
    for (let from = 0; from < rows; from += atOnce) {
      const part = bytes.subarray(0, Math.min(atOnce, rows - from) * dim * 2);
      drawHalves(part);
      if (known.length < 10)
        known.push(Float32Array.from({ length: dim }, (_, i) => fromHalf(part.readUInt16LE(i * 2))));
      writeSync(file, part);
    }
  } finally {
    closeSync(file);
  }
  return known;
}

/** How fast the whole of a matrix in half precision is searched once it is in memory. */
export async function benchSearch({
  rows = 1_000_000,
  dim = 512,
}: {
  rows?: number;
  dim?: number;
}): Promise<SearchReport> {
  const path = join(tmpdir(), `studio-search-${process.pid}.npy`);
  try {
    const queries = writeMatrix(path, rows, dim);
    const source = new FileHandleSource(path);
    const start = performance.now();
    const index = await VectorIndex.open({ matrix: Matrix.open(path, source), path }, availableParallelism());
    const readSeconds = (performance.now() - start) / 1000;
    source.close();
    const times: number[] = [];
    let right = true;
    try {
      await index.search(queries[0]!, 10);
      for (let n = 0; n < 20; n++) {
        const wanted = n % queries.length;
        const before = performance.now();
        const [first] = await index.search(queries[wanted]!, 10);
        times.push(performance.now() - before);
        right &&= first!.row === wanted * Math.min(rows, 16_384) && first!.cosine > 0.99999;
      }
    } finally {
      await index.close();
    }
    times.sort((a, b) => a - b);
    const median = (times[9]! + times[10]!) / 2;
    return {
      rows,
      dim,
      cores: availableParallelism(),
      readSeconds,
      searchMs: { median, least: times[0]!, most: times.at(-1)! },
      gigabytesPerSecond: (rows * dim * 2) / 1e6 / median,
      right,
    };
  } finally {
    rmSync(path, { force: true });
  }
}

export const describeSearch = ({ rows, dim, cores, readSeconds, searchMs, gigabytesPerSecond, right }: SearchReport) =>
  `${rows} rows of ${dim} values in half precision, ${cores} threads
read in ${readSeconds.toFixed(1)} s
searched whole, warm: median ${searchMs.median.toFixed(0)} ms (${searchMs.least.toFixed(0)} to ${searchMs.most.toFixed(0)} of 20), ${gigabytesPerSecond.toFixed(1)} GB/s
the row that was asked for came first: ${right ? 'each time' : 'NOT each time'}`;
