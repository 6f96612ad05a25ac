import type { Prisma } from '../../prisma/generated/client';
import type { ComparisonRecord, ExportedComparison } from '../../kept/record-schema';
import { randomId } from '../db/random-id';
import { type ImageStore } from '../comparisons/images';
import type { ComparisonStore } from '../comparisons/store';
import type { Database } from '../db/open';
import { dropComparisons } from '../comparisons/purge';
import type { Checked } from './check-export';
import { exportedComparison } from './export-json';
import { readInThread } from './import-host';
import { ratingColumns } from '../comparisons/rating-columns';

/** A larger file would not fit into memory with all its copies. */
export const importLimitBytes = 128 * 1024 ** 2;

export type Imported = {
  /** In the order of the file. */ comparisons: {
    id: string;
    title: string;
    hash: string;
    /** It was here already and stays as it is. */ known: boolean;
  }[];
};
type Parts = { database: Database; images: ImageStore; store: ComparisonStore };

/**
 * Reads an export into an owner's history. Everything is checked before anything is written: format, every field of
 * every event, hashes, pictures (decoded and encoded anew), all of it in a thread of its own (import-thread.ts).
 * Comparisons get new ids; one that is here already with the same content is not doubled. What was written goes again
 * where the rest finds no room.
 * @throws import-invalid, image-unreadable, image-too-large, storage-full
 */
export async function importFile(
  parts: Parts,
  ownerId: string,
  file: string | Uint8Array,
  instanceId = 'import',
): Promise<Imported> {
  const reader = await readInThread(typeof file === 'string' ? new TextEncoder().encode(file) : file);
  const imported: Imported = { comparisons: [] };
  try {
    for await (const { exported, picture } of reader) {
      const { title } = exported.comparison;
      const known = await find(parts, ownerId, exported);
      const id = known ?? (await write(parts, ownerId, exported, picture, instanceId));
      imported.comparisons.push({ id, title, hash: exported.hash, known: known !== undefined });
    }
  } catch (error) {
    const written = imported.comparisons.flatMap(({ id, known }) => (known ? [] : [id]));
    await dropComparisons(parts.database, written);
    throw error;
  }
  return imported;
}

/**
 * The same comparison in the owner's history: read from such a file before (renamed since, perhaps), or made here and
 * exported.
 */
async function find(
  { database, images, store }: Parts,
  ownerId: string,
  { hash, comparison }: ExportedComparison,
): Promise<string | undefined> {
  const before = await database.comparison.findFirst({
    where: { ownerId, importedHash: hash, deletedAt: null },
    select: { id: true },
  });
  if (before) return before.id;
  const sameMoment = await database.comparison.findMany({
    where: { ownerId, deletedAt: null, createdAt: new Date(comparison.createdAt), status: comparison.status },
    select: { id: true },
  });
  for (const { id } of sameMoment)
    if ((await exportedComparison({ images, view: (which) => store.view(which) }, id)).hash === hash) return id;
  return undefined;
}

async function write(
  { images, store }: Parts,
  ownerId: string,
  { hash, comparison }: ExportedComparison,
  picture: Checked['picture'],
  instanceId: string,
): Promise<string> {
  const id = randomId();
  const imageId = picture && (await images.keep(picture, ownerId)).id;
  const {
    createdAt,
    endedAt,
    lanes,
    items,
    picture: _digest,
    input,
    weightHashes,
    device,
    embedding,
    modality,
    references,
    said,
    error,
    ...plain
  } = comparison satisfies ComparisonRecord;
  const json = (value: unknown) => value as Prisma.InputJsonValue;
  await store.insert({
    ...plain,
    id,
    ownerId,
    importedHash: hash,
    imageId,
    instanceId,
    inputKind: input,
    createdAt: new Date(createdAt),
    endedAt: endedAt === null ? null : new Date(endedAt),
    heartbeatAt: new Date(),
    ...(weightHashes ? { weightHashes } : {}),
    ...(device ? { device: json(device) } : {}),
    ...(embedding ? { embedding: json(embedding) } : {}),
    embeddingModality: modality,
    ...(references ? { referenceCaptions: json(references) } : {}),
    ...(said ? { personCaptions: json(said) } : {}),
    ...(error ? { error: json(error) } : {}),
    lanes: {
      create: lanes.map(({ id: key, decoder, options, status, result, error: failure, rating }, position) => ({
        key,
        position,
        decoder,
        options: json(options),
        status,
        ...(result ? { result: json(result) } : {}),
        ...(failure ? { error: json(failure) } : {}),
        ...ratingColumns(rating),
      })),
    },
    events: { create: [{ first: 0, items: json(items) }] },
  });
  return id;
}
