import { fstat, ftruncate, write } from 'node:fs';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';

const [writeSome, sizeOf, cut] = [promisify(write), promisify(fstat), promisify(ftruncate)];

/**
 * Appends `bytes` to a file whole or not at all: what a full disk took of them is cut off again, so that what was
 * written before stays a file of whole records. @throws what the system says
 */
export async function appendWhole(fd: number, bytes: Uint8Array): Promise<void> {
  const before = await sizeOf(fd);
  let done = 0;
  try {
    while (done < bytes.length) done += (await writeSome(fd, bytes, done, bytes.length - done, null)).bytesWritten;
  } catch (error) {
    // Not where somebody else wrote to the same file meanwhile.
    if (done && before.isFile() && (await sizeOf(fd)).size === before.size + done)
      await cut(fd, before.size).catch(() => undefined);
    throw error;
  }
}

/**
 * An open file or device as a stream whose chunks are appended whole. Node's own stream of a redirected standard output
 * takes a short write for a whole one.
 */
export const wholeStream = (fd: number): Writable =>
  new Writable({
    decodeStrings: true,
    write: (chunk: Buffer, _, taken) => void appendWhole(fd, chunk).then(() => taken(), taken),
  });
