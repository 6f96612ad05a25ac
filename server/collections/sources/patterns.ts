import { lstat } from 'node:fs/promises';
import { expand } from 'brace-expansion';
import { glob } from 'tinyglobby';
import { StudioError } from '../../../models/errors';
import { pathOf, type Streams } from '../../files/streams';

/** What a brace may stand for. */
const most = 100_000;

/** What an input names: itself, or by a pattern several files. */
export type Expanded = { path: string; pattern: boolean };

/**
 * What an input as a person gave it stands for. What is there by that very name is that; else braces are spread out
 * (`{000..012}.tar`, `{train,val}`), and patterns (`*`, `?`, `**`, `[ab]`) give the files that fit, by name.
 * @throws option-invalid for too many
 */
export async function expandInput(io: Pick<Streams, 'cwd'>, input: string): Promise<Expanded[]> {
  if (await isThere(io, input)) return [{ path: input, pattern: false }];
  const pieces = /\{.*\}/s.test(input) ? expand(input, { max: most + 1 }) : [input];
  if (pieces.length > most)
    throw new StudioError('option-invalid', `${input} stands for more than ${most} names. Give fewer at once.`);
  const found: Expanded[] = [];
  for (const piece of pieces)
    if (!/[*?[]/.test(piece) || (await isThere(io, piece))) found.push({ path: piece, pattern: false });
    else
      found.push(
        ...(
          await glob(process.platform === 'win32' ? piece.replaceAll('\\', '/') : piece, {
            cwd: io.cwd,
            expandDirectories: false,
            dot: false,
          })
        )
          .sort()
          .map((path) => ({ path, pattern: true })),
      );
  return found;
}

const isThere = (io: Pick<Streams, 'cwd'>, path: string): Promise<boolean> =>
  lstat(pathOf(io, path)).then(
    () => true,
    () => false,
  );
