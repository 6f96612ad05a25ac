import { stat } from 'node:fs/promises';
import { StudioError } from '../../../models/errors';
import type { SourceWishes } from '../../collections/sources/types';
import { type SinkFormat, sinkFormats } from '../../collections/sinks/types';
import { namesOnePhoto } from '../../collections/sources/open';
import { addressRule, readEnv } from '../../env/env';
import { count, text, type Values } from '../args';
import { type Io, pathOf } from '../io';

/** Flags of every command that works on collections. */
export const collectionFlags = {
  list: { type: 'string' },
  column: { type: 'string' },
  images: { type: 'string' },
  resume: { type: 'boolean' },
  overwrite: { type: 'boolean' },
  exact: { type: 'boolean' },
  shard: { type: 'string' },
  database: { type: 'string' },
} as const;

export const inputHelp = `  --list FILE        also the photos that FILE names, a path or an address a line; - is standard input
  --column NAME      of tables: the column that names the photos, or holds them
  --images DIR       where lists, tables and COCO find their photos   (beside them)`;

export const runHelp = `  --resume           goes on with a FILE that was begun: nothing is done twice, nothing is lost
  --overwrite        writes FILE anew
  --exact            decodes large JPEGs whole: slower, and to the last digit what one photo alone gives
  --shard N          photos of one share of the work; several processes share a run   (1000)
  --database FILE    SQLite file with the state of runs; shares lie beside it   (DATABASE_URL, or data/studio.db)`;

/** What becomes of a file that is there already. @throws option-invalid */
export function modeOf(values: Values): 'new' | 'overwrite' | 'resume' {
  if (values.resume && values.overwrite)
    throw new StudioError('option-invalid', 'Give --resume, or --overwrite: one of them.');
  if (values.resume && values.out === undefined)
    throw new StudioError('option-invalid', '--resume goes on with a file: name it by --out FILE.');
  return values.resume ? 'resume' : values.overwrite ? 'overwrite' : 'new';
}

/** @throws option-invalid */
export function formatOf(values: Values): SinkFormat | undefined {
  const given = text(values.format);
  const format = sinkFormats.find((known) => known === given);
  if (given !== undefined && !format)
    throw new StudioError('option-invalid', `--format is "${given}"; expected one of ${sinkFormats.join(', ')}.`);
  return format;
}

export const sourceWishes = (values: Values, inputs: readonly string[], io: Io): SourceWishes => ({
  inputs,
  list: text(values.list),
  column: text(values.column),
  images: text(values.images),
  addresses: addressRule(readEnv(io.env)),
});

export const shardOf = (values: Values): number | undefined => count('shard', text(values.shard));

/** @throws option-invalid where a file is there already, and nothing says what becomes of it */
export async function demandFree(io: Pick<Io, 'cwd'>, name: string): Promise<void> {
  if (await stat(pathOf(io, name)).catch(() => undefined))
    throw new StudioError(
      'option-invalid',
      `${name} is there already. Give --resume to go on with it, --overwrite to write it anew, or name another file.`,
    );
}

/** Whether what is asked for is a collection: by a flag of one, or by a name that is no single photo's. */
export async function isCollection(
  io: Pick<Io, 'cwd'>,
  inputs: readonly string[],
  values: Values,
  flags: readonly string[],
): Promise<boolean> {
  if (flags.some((name) => values[name] !== undefined)) return true;
  for (const input of inputs) if (!(await namesOnePhoto(io, input))) return true;
  return false;
}
