import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { StudioError } from '../../models/errors';
import { cannotWrite } from './faults';

type Terminal = { isTTY?: boolean; columns?: number };

/** Where files that a person names are read from and written to. */
export type Streams = {
  stdin: Readable & Terminal;
  stdout: Writable & Terminal;
  stderr: Writable & Terminal;
  /** The folder in which the person stands: relative paths are of this one. */
  cwd: string;
};

/** The reader of standard output has seen enough (`| head`), which is no failure. */
export class ReaderLeft extends Error {}

/**
 * Writes a line to standard output, and waits until it is taken.
 * @throws ReaderLeft, storage-full, file-unreadable
 */
export const say = (io: Pick<Streams, 'stdout'>, line: string): Promise<void> => write(io, `${line}\n`);

/** As `say`, text as it is. */
export const write = ({ stdout }: Pick<Streams, 'stdout'>, text: string | Uint8Array): Promise<void> =>
  new Promise((taken, failed) =>
    stdout.write(text, (error) => {
      if (!error) taken();
      else
        failed(
          (error as NodeJS.ErrnoException).code === 'EPIPE' ? new ReaderLeft() : cannotWrite('Standard output', error),
        );
    }),
  );

/** Writes one value as JSON in a line of its own. */
export const sayJson = (io: Pick<Streams, 'stdout'>, value: unknown): Promise<void> => say(io, JSON.stringify(value));

/** Writes a line to standard error: what people should know and programs do not read. */
export const tell = ({ stderr }: Pick<Streams, 'stderr'>, line: string): void => void stderr.write(`${line}\n`);

/** A path that the person gave, absolute. */
export const pathOf = ({ cwd }: Pick<Streams, 'cwd'>, path: string): string => resolve(cwd, path);

/** What a file is called in words to the person. */
export const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

const taken = new WeakSet<Readable>();
/** Standard input, which the name `-` stands for. @throws option-invalid where two files are named so */
export function takeStdin({ stdin }: Pick<Streams, 'stdin'>): Readable {
  if (taken.has(stdin))
    throw new StudioError(
      'option-invalid',
      'Standard input is named twice by -, and there is one of it. Give the other by the name of a file.',
    );
  taken.add(stdin);
  return stdin;
}
