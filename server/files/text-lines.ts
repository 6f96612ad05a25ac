import type { Readable } from 'node:stream';
import { StudioError } from '../../models/errors';
import { why } from '../errors/why';
import { nameOf } from './streams';

/** The lines of a text in UTF-8 as they come, without their ends. @param file its name @throws file-unreadable */
export async function* lines(stream: Readable, file: string): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of stream) {
      const parts = (rest + decoder.decode(Buffer.from(chunk as Uint8Array), { stream: true })).split(/\r?\n/);
      rest = parts.pop()!;
      yield* parts;
    }
    rest += decoder.decode();
    if (rest) yield rest;
  } catch (cause) {
    if (cause instanceof StudioError || !(cause as NodeJS.ErrnoException).code) throw cause;
    throw new StudioError(
      'file-unreadable',
      (cause as NodeJS.ErrnoException).code === 'ENOENT'
        ? `There is no file ${nameOf(file)}. Check the path.`
        : `${nameOf(file)} cannot be read: ${why(cause)}.`,
      { cause },
    );
  }
}
