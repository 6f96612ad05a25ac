import { closeSync, openSync, writeSync } from 'node:fs';
import { toHalves } from '../models/float16';
import { randomNormal, seeded } from '../models/random';

/** A prime, so that the rows of no matrix repeat. */
const block = 1_000_003;

/** Writes a safetensors file of random half-precision numbers, norms' weights about 1 and all others about 0. */
export function writeRandomCheckpoint(
  path: string,
  shapes: ReadonlyMap<string, readonly number[]>,
  seed: number,
): void {
  const header: Record<string, unknown> = {};
  let end = 0;
  const elements = (dims: readonly number[]) => dims.reduce((product, n) => product * n, 1);
  for (const [name, shape] of shapes) {
    const from = end;
    end += 2 * elements(shape);
    header[name] = { dtype: 'F16', shape, data_offsets: [from, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  const random = seeded(seed);
  const normal = Float32Array.from({ length: block }, () => randomNormal(random));
  const small = new Uint8Array(toHalves(normal.map((v) => 0.04 * v)).buffer);
  const nearOne = new Uint8Array(toHalves(normal.map((v) => 1 + 0.1 * v)).buffer);
  const file = openSync(path, 'w');
  writeSync(file, head);
  let at = 0;
  for (const [name, shape] of shapes) {
    const values = /(ln_\w+|norm\d)\.weight$/.test(name) ? nearOne : small;
    for (let left = 2 * elements(shape); left > 0;) {
      const count = Math.min(left, values.length - at);
      writeSync(file, values, at, count);
      at = (at + count) % values.length;
      left -= count;
    }
  }
  closeSync(file);
}
