/**
 * Random access to the bytes of a file. Reading is synchronous, because networks take tensors as they write their
 * graphs; it happens
 * in worker threads and commands. A large file is never held whole (server/weights/file-source.ts reads by a file
 * handle).
 */
export interface ByteSource {
  readonly size: number;
  /** `length` bytes from `offset` on. The caller has checked that they exist. */
  read(offset: number, length: number): Uint8Array;
}

/** Bytes in memory as a source; what is read shares them. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.byteLength, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

export const asSource = (input: Uint8Array | ByteSource): ByteSource =>
  input instanceof Uint8Array ? bytesSource(input) : input;
