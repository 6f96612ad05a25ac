/**
 * Dot products of many rows with one query, in WebAssembly with 128-bit SIMD: of rows in half precision, which are
 * widened four at a time, and of rows in single precision. Assembled here, since no compiler of the house makes it: the
 * loop is forty instructions, and runs the same in Node and in a browser.
 */
export type Kernel = {
  /**
   * `out[i]` = row i · query. @param rows, query, out addresses in the memory, the query and `out` aligned to 16 bytes
   * @param eights eights of values of a row: rows lie one behind the other, padded to them
   */
  dot(type: RowType, rows: number, count: number, eights: number, query: number, out: number): void;
  /** `out[i]` = the squared norm of row i; NaN for one that is not finite. */
  squares(type: RowType, rows: number, count: number, eights: number, out: number): void;
};
export type RowType = 'F16' | 'F32';

/**
 * Halves are read as the bits of singles without moving the exponent's bias, which makes them 2^112 times too small.
 * The query is multiplied by that instead, once.
 */
export const halfScale = 2 ** 112;

type Run = (rows: number, count: number, eights: number, query: number, out: number) => void;
let compiled: WebAssembly.Module | undefined;

/** The kernel over a memory. */
export function kernelOn(memory: WebAssembly.Memory): Kernel {
  compiled ??= new WebAssembly.Module(moduleBytes());
  const { exports } = new WebAssembly.Instance(compiled, { studio: { memory } });
  const run = exports as Record<'dotF16' | 'dotF32' | 'squaresF16' | 'squaresF32', Run>;
  return {
    dot: (type, ...where) => run[`dot${type}`](...where),
    squares: (type, rows, count, eights, out) => run[`squares${type}`](rows, count, eights, 0, out),
  };
}

/** An unsigned number in LEB128. */
function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 127;
    value >>>= 7;
    bytes.push(value ? low | 128 : low);
  } while (value);
  return bytes;
}
const sized = (bytes: readonly number[]) => [...leb(bytes.length), ...bytes];
const list = (entries: readonly (readonly number[])[]) => [...leb(entries.length), ...entries.flat()];
const named = (name: string) => sized([...new TextEncoder().encode(name)]);
const section = (id: number, bytes: readonly number[]) => [id, ...sized(bytes)];
const simd = (code: number, ...rest: readonly number[]) => [0xfd, ...leb(code), ...rest];

const [i32, v128] = [0x7f, 0x7b];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const tee = (local: number) => [0x22, local];
/** Of up to 63, so that one byte of signed LEB128 holds it. */
const int = (value: number) => [0x41, value & 127];
const everyLane = (bits: number) => {
  const lane = [bits & 255, (bits >>> 8) & 255, (bits >>> 16) & 255, bits >>> 24];
  return simd(0x0c, ...lane, ...lane, ...lane, ...lane);
};
const addVectors = simd(0xe4);
const multiply = simd(0xe6);
const zero = everyLane(0);

// Parameters and locals of each function.
const [rows, count, eights, query, out, left, at, even, odd, strange] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const step = (local: number, bytes: number) => [...get(local), ...int(bytes), 0x6a, ...set(local)];
/** Goes on with the innermost loop while a counter is not zero. */
const again = (local: number) => [...get(local), ...int(-1), 0x6a, ...tee(local), 0x0d, 0];

/** Four values of a row, as singles: of halves 2^112 times too small. */
const four = (type: RowType, place: number) =>
  type === 'F32'
    ? [...get(rows), ...simd(0x00, 2, place * 16)]
    : // Sign-extended, so that the sign is where a single has it; the copies of it between are masked away.
      [...get(rows), ...simd(0x03, 1, place * 8), ...int(13), ...simd(0xab), ...everyLane(0x8fffe000), ...simd(0x4e)];

/** Adds what four values contribute to a sum. */
function contribution(kind: 'dot' | 'squares', type: RowType, place: number): number[] {
  const sum = place ? odd : even;
  if (kind === 'dot')
    return [
      ...get(sum),
      ...four(type, place),
      ...get(at),
      ...simd(0x00, 4, place * 16),
      ...multiply,
      ...addVectors,
      ...set(sum),
    ];
  const scaled = type === 'F16' ? [...everyLane(0x77800000), ...multiply] : [];
  return [
    ...get(sum),
    ...four(type, place),
    ...scaled,
    ...tee(strange + 1),
    ...get(strange + 1),
    ...multiply,
    ...addVectors,
    ...set(sum),
    // Infinities and NaN of halves have the largest exponent, which was read as a finite one.
    ...(type === 'F16'
      ? [
          ...get(rows),
          ...simd(0x03, 1, place * 8),
          ...everyLane(0x7c00),
          ...simd(0x4e),
          ...everyLane(0x7c00),
          ...simd(0x37),
          ...get(strange),
          ...simd(0x50),
          ...set(strange),
        ]
      : []),
  ];
}

function body(kind: 'dot' | 'squares', type: RowType): number[] {
  const lane = (n: number) => [...get(even), ...simd(0x1f, n)];
  const sum = [...lane(0), ...lane(1), 0x92, ...lane(2), ...lane(3), 0x92, 0x92];
  const nan = [0x43, 0, 0, 0xc0, 0x7f];
  const code = [
    ...[0x02, 0x40, ...get(count), 0x45, 0x0d, 0],
    ...[0x03, 0x40],
    ...[...zero, ...set(even), ...zero, ...set(odd), ...zero, ...set(strange)],
    ...[...get(query), ...set(at), ...get(eights), ...set(left)],
    ...[0x03, 0x40],
    ...contribution(kind, type, 0),
    ...contribution(kind, type, 1),
    ...step(rows, type === 'F16' ? 16 : 32),
    ...step(at, 32),
    ...again(left),
    0x0b,
    ...[...get(even), ...get(odd), ...addVectors, ...set(even)],
    ...get(out),
    ...(kind === 'dot' ? sum : [...nan, ...sum, ...get(strange), ...simd(0x53), 0x1b]),
    ...[0x38, 2, 0],
    ...step(out, 4),
    ...again(count),
    ...[0x0b, 0x0b, 0x0b],
  ];
  const locals = list([
    [2, i32],
    [4, v128],
  ]);
  return sized([...locals, ...code]);
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const functions = (['dot', 'squares'] as const).flatMap((kind) =>
    (['F16', 'F32'] as const).map((type) => ({ name: `${kind}${type}`, code: body(kind, type) })),
  );
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list([[0x60, ...list([[i32], [i32], [i32], [i32], [i32]]), 0]])),
    ...section(2, list([[...named('studio'), ...named('memory'), 2, 0, 1]])),
    ...section(3, list(functions.map(() => [0]))),
    ...section(7, list(functions.map(({ name }, i) => [...named(name), 0, i]))),
    ...section(10, list(functions.map(({ code }) => code))),
  ]);
}
