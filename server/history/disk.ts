import { StudioError } from '../../models/errors';
import { storageFault } from '../db/faults';
import { placeOf, type Database, type Transaction } from '../db/open';
import { sentBytes } from '../collections/uploads/uploads';
import { localOwner, studioOwner } from '../owners/signing';
import type { DiskUse } from '../../kept/answers';
import { type EndRuns, purgeComparisons } from '../comparisons/purge';

export type DiskLimits = { allBytes: number; ownerBytes: number };
const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6).toLocaleString('en')} MB`;

/** What an owner's pictures, comparisons and photos of collections take, and the whole database. */
export async function diskUse(db: Transaction, ownerId: string, limits: DiskLimits): Promise<DiskUse> {
  const [images, comparisons, sent, [pages]] = await Promise.all([
    db.image.aggregate({ where: { ownerId }, _sum: { size: true } }),
    db.comparison.aggregate({ where: { ownerId }, _sum: { size: true } }),
    sentBytes(db, ownerId),
    // Pages that hold something; free ones are used again before the file grows.
    db.$queryRaw<
      { bytes: bigint | number }[]
    >`SELECT (c.page_count - f.freelist_count) * s.page_size AS bytes FROM pragma_page_count c, pragma_freelist_count f, pragma_page_size s`,
  ]);
  const owner = (images._sum.size ?? 0) + (comparisons._sum.size ?? 0) + sent;
  const all = Number(pages?.bytes ?? 0);
  return {
    owner,
    all,
    ownerLimit: ownerId === localOwner ? limits.allBytes : limits.ownerBytes,
    allLimit: limits.allBytes,
  };
}

/**
 * Makes sure that there is room for something new, before it is read. What the owner has deleted already goes first.
 * @throws storage-full with what takes the most, and where to delete it
 */
export async function demandRoom(db: Database, ownerId: string, limits: DiskLimits, endRuns?: EndRuns): Promise<void> {
  placeOf(db).demand();
  if (hasRoom(await diskUse(db, ownerId, limits)) && (await spareBytes(db)) >= spare) return;
  await purgeComparisons(db, ownerId, undefined, endRuns);
  await demandRoomWithin(db, ownerId, limits);
  if ((await spareBytes(db)) >= spare) return;
  throw new StudioError(
    'storage-full',
    `The disk of this studio is full, so nothing new can be kept. ${await howToDelete(db, ownerId)} That works on a full disk too; what is deleted for good (under Deleted) makes room.`,
    { details: storageFault('full').details },
  );
}

/** One picture and one comparison at their largest. */
const spare = 16e6;

/** What the database may still grow by: pages that were freed, and what the disk has. */
async function spareBytes(db: Database): Promise<number> {
  const [free] = await db.$queryRaw<
    { bytes: bigint | number }[]
  >`SELECT f.freelist_count * s.page_size AS bytes FROM pragma_freelist_count f, pragma_page_size s`;
  return Number(free?.bytes ?? 0) + placeOf(db).reserve.free();
}

/**
 * The same in the very transaction that writes the new thing, so that many at once do not all find the room that is
 * left for one. @throws storage-full
 */
export async function demandRoomWithin(db: Transaction, ownerId: string, limits: DiskLimits): Promise<void> {
  if (ownerId === studioOwner) return;
  const use = await diskUse(db, ownerId, limits);
  if (hasRoom(use)) return;
  const mine = use.owner >= use.ownerLimit;
  const what = mine
    ? `Your pictures and comparisons take ${megabytes(use.owner)} of the ${megabytes(use.ownerLimit)} that this studio gives one owner.`
    : `The studio's database takes ${megabytes(use.all)} of the ${megabytes(use.allLimit)} that it may (STUDIO_DISK_MB).`;
  throw new StudioError('storage-full', `${what} ${await howToDelete(db, ownerId)}`, { details: use });
}

async function howToDelete(db: Transaction, ownerId: string): Promise<string> {
  const largest = await db.$queryRaw<{ title: string; createdAt: string; bytes: bigint | number }[]>`
    SELECT c."title", CAST(c."createdAt" AS TEXT) AS "createdAt", c."size" + coalesce(i."size", 0) AS bytes FROM "Comparison" c LEFT JOIN "Image" i ON i."id" = c."imageId"
    WHERE c."ownerId" = ${ownerId} ORDER BY bytes DESC LIMIT 3`;
  const names = largest
    .map(
      ({ title, createdAt, bytes }) =>
        `${title ? `“${title}”` : `the one of ${createdAt.slice(0, 16).replace('T', ' ')}`} (${megabytes(Number(bytes))})`,
    )
    .join(', ');
  const sent = await sentBytes(db, ownerId);
  const collections = sent ? `Delete collections under Collections; their photos take ${megabytes(sent)}.` : '';
  const comparisons = names ? `Delete comparisons under History; the largest of yours: ${names}.` : '';
  return (
    [comparisons, collections].filter(Boolean).join(' ') ||
    'Nothing of it is yours to delete; ask whoever runs this studio.'
  );
}

const hasRoom = ({ owner, all, ownerLimit, allLimit }: DiskUse) => owner < ownerLimit && all < allLimit;
