import type { ComparisonView } from '../../../kept/comparison';
import { StudioError } from '../../../models/errors';
import { ImageStore } from '../../comparisons/images';
import { ComparisonStore, notFound } from '../../comparisons/store';
import { type Database, openDatabase } from '../../db/open';
import { readEnv } from '../../env/env';
import { type FamilyDirs, familyDirs } from '../../weights/folders';
import { localOwner } from '../../owners/signing';
import { familySettings, text, type Values } from '../args';
import { type Io, pathOf } from '../io';

/** What was kept: the database and what reads it. */
export type Kept = { database: Database; images: ImageStore; store: ComparisonStore };

/** Flags of every command that reads the history, and their help. */
export const keptFlags = { database: { type: 'string' }, json: { type: 'boolean' } } as const;
export const keptHelp =
  '  --database FILE    SQLite file   (DATABASE_URL, or data/studio.db)\n  --json             machine-readable output';

/** Opens the history that the flags name, and closes it again. */
export async function withKept<T>(values: Values, io: Io, work: (kept: Kept) => Promise<T>): Promise<T> {
  const database = await openKept(values, io);
  try {
    return await work({ database, images: new ImageStore(database), store: new ComparisonStore(database) });
  } finally {
    await database.$disconnect();
  }
}

/** The database that `--database` or the environment names. */
export function openKept(values: Values, io: Io): Promise<Database> {
  const file = text(values.database);
  const { DATABASE_URL, STUDIO_DATABASE_WAIT_MS: patienceMs } = readEnv(io.env);
  return openDatabase(file === undefined ? DATABASE_URL : `file:${pathOf(io, file)}`, { patienceMs });
}

/** Where families lie, by `--families-dir` or the environment. */
export function dirsOf(values: Values, io: Io): FamilyDirs {
  const { familiesDir, installedDir } = familySettings(values, io);
  return familyDirs({ embedded: familiesDir, installed: installedDir });
}

/** A whole id from the beginning of one. @throws not-found, option-invalid where several begin so */
export async function resolveId(given: string | undefined, { database }: Pick<Kept, 'database'>): Promise<string> {
  if (!given) throw new StudioError('option-invalid', 'Name a comparison by its id; history list shows them.');
  const own = { ownerId: localOwner, deletedAt: null };
  const exact = await database.comparison.findFirst({ where: { ...own, id: given }, select: { id: true } });
  if (exact) return exact.id;
  const found = await database.comparison.findMany({
    where: { ...own, id: { startsWith: given } },
    select: { id: true },
    take: 3,
  });
  if (found.length > 1)
    throw new StudioError(
      'option-invalid',
      `Several comparisons begin with ${given}: ${found.map(({ id }) => id).join(', ')} … Write more of the id.`,
    );
  if (!found[0]) throw notFound(given);
  return found[0].id;
}

/** A comparison from the beginning of its id. @throws as resolveId */
export const viewOf = async (given: string | undefined, kept: Kept): Promise<ComparisonView> =>
  kept.store.view(await resolveId(given, kept));
