import { widenHalves } from '../float16';

/** Bytes of an element by the names that safetensors uses. */
export const elementBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;
export type ElementType = keyof typeof elementBytes;
export const isElementType = (name: unknown): name is ElementType =>
  typeof name === 'string' && Object.hasOwn(elementBytes, name);

/** Little-endian elements as fp32. 64-bit integers beyond 2^53 lose their last digits, as all do beyond 2^24. */
export function widen(bytes: Uint8Array, type: ElementType): Float32Array {
  // A copy, because a tensor may start at any byte and typed arrays want alignment. Not `slice`, which copies nothing
  // of Node's Buffer.
  const { buffer } = new Uint8Array(bytes.subarray(0, bytes.byteLength - (bytes.byteLength % elementBytes[type])));
  switch (type) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return widenHalves(new Uint16Array(buffer));
    case 'BF16': {
      const halves = new Uint16Array(buffer);
      const bits = new Uint32Array(halves.length);
      for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
      return new Float32Array(bits.buffer);
    }
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(new Uint8Array(buffer));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer));
    case 'I32':
      return Float32Array.from(new Int32Array(buffer));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 'U16':
      return Float32Array.from(new Uint16Array(buffer));
    case 'U32':
      return Float32Array.from(new Uint32Array(buffer));
    case 'U64':
      return Float32Array.from(new BigUint64Array(buffer), Number);
  }
}
