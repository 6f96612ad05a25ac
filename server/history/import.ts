import * as z from 'zod';
import type { Prisma } from '../../prisma/generated/client';
import { type ComparisonRecord, type ExportedComparison, exportedSchema } from '../../kept/record-schema';
import { recordFormat } from '../../kept/record';
import { StudioError } from '../../models/errors';
import { randomId } from '../db/random-id';
import { type ImageStore } from '../comparisons/images';
import { told } from '../errors/told';
import type { ComparisonStore } from '../comparisons/store';
import type { Database } from '../db/open';
import { exportedComparison, fileHash } from './export-json';
import { contentHash } from './hash';
import { pictureDigest, takePicture } from './picture';
import { ratingColumns } from '../comparisons/rating-columns';

/** A larger file would not fit into memory with all its copies. */
export const importLimitBytes = 128 * 1024 ** 2;
const maxComparisons = 1_000;

export type Imported = {
  /** In the order of the file. */ comparisons: {
    id: string;
    title: string;
    hash: string;
    /** It was here already and stays as it is. */ known: boolean;
  }[];
};
type Parts = { database: Database; images: ImageStore; store: ComparisonStore };
type Checked = { exported: ExportedComparison; picture?: Awaited<ReturnType<typeof takePicture>> };

/**
 * Reads an export into an owner's history. Everything is checked before anything is written: format, every field of
 * every event, hashes,
 * pictures (decoded and encoded anew). Comparisons get new ids; one that is here already with the same content is not
 * doubled.
 * @throws file-unreadable, image-unreadable, image-too-large
 */
export async function importFile(
  parts: Parts,
  ownerId: string,
  text: string,
  instanceId = 'import',
): Promise<Imported> {
  const { hash, comparisons } = parse(text);
  const checked: Checked[] = [];
  const hashes: string[] = [];
  for (const [index, raw] of comparisons.entries()) {
    const one = await check(raw, `Comparison ${index + 1} of ${comparisons.length}`);
    checked.push(one);
    hashes.push(one.exported.hash);
  }
  if (hash !== fileHash(hashes))
    throw refused(
      'The file is not whole: the hash at its end does not fit its comparisons. Export it anew, or download it again.',
    );
  const imported: Imported = { comparisons: [] };
  for (const { exported, picture } of checked) {
    const { title } = exported.comparison;
    const known = await find(parts, ownerId, exported);
    const id = known ?? (await write(parts, ownerId, exported, picture, instanceId));
    imported.comparisons.push({ id, title, hash: exported.hash, known: known !== undefined });
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

const refused = (message: string, cause?: unknown) => new StudioError('file-unreadable', message, { cause });

function parse(text: string): { hash: string; comparisons: unknown[] } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refused('The file is not JSON (or is cut short). Expected one that was exported here as JSON.', cause);
  }
  const head = z.object({ format: z.literal(recordFormat.format), version: z.number().int() }).safeParse(json);
  if (!head.success)
    throw refused(
      'The file is not an export of Caption Studio: it does not say "format": "caption-studio". Choose one that was exported as JSON.',
    );
  if (head.data.version < 1 || head.data.version > recordFormat.version)
    throw refused(
      `The file is of version ${head.data.version}; this studio reads versions 1 to ${recordFormat.version}. Update the studio, then import it again.`,
    );
  const body = z
    .strictObject({
      format: z.string(),
      version: z.number(),
      hash: z.string(),
      comparisons: z
        .array(z.unknown())
        .min(1, 'it holds no comparison')
        .max(maxComparisons, `at most ${maxComparisons} comparisons a file`),
    })
    .safeParse(json);
  if (!body.success) throw refused(`The file is damaged: ${issue(body.error)}. Export it anew.`);
  return body.data;
}

async function check(raw: unknown, which: string): Promise<Checked> {
  const parsed = exportedSchema.safeParse(raw);
  if (!parsed.success) throw refused(`${which} is not as an export writes it: ${issue(parsed.error)}. Export it anew.`);
  const exported = parsed.data as ExportedComparison;
  const { comparison } = exported;
  if (contentHash(comparison) !== exported.hash)
    throw refused(
      `${which} was changed after it had been exported: its content does not fit its hash. Import the file as it was exported.`,
    );
  if (!comparison.picture !== !exported.picture)
    throw refused(`${which} lacks its picture, or has one too many. Export it anew.`);
  if (!comparison.picture || !exported.picture) return { exported };
  const picture = await takePicture(new Uint8Array(Buffer.from(exported.picture.base64, 'base64'))).catch(
    (error: unknown) => {
      const { code, message } = told(error);
      throw new StudioError(code, `The picture of ${which.toLowerCase()} cannot be read: ${message}`, { cause: error });
    },
  );
  const found = await pictureDigest(picture);
  if (contentHash(found) !== contentHash(comparison.picture))
    throw refused(
      `The picture of ${which.toLowerCase()} is not the one that was exported (${found.width} x ${found.height}, SHA-256 ${found.sha256.slice(0, 12)}). Import the file as it was exported.`,
    );
  return { exported, picture };
}

/** The first thing that is wrong, and where. */
function issue(error: z.ZodError): string {
  const first = error.issues[0];
  return first ? `${first.path.length ? `${first.path.join('.')}: ` : ''}${first.message}` : 'unknown';
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
