import { Prisma } from '../../prisma/generated/client';
import { type ErrorData, StudioError } from '../../models/errors';
import type { Device, Precision } from '../../models/runtime/types';
import { imageUrls } from '../comparisons/images';
import type { Database } from '../db/open';
import type { ComparisonStatus, LaneStatus } from '../../kept/comparison';
import type { HistoryEntry, HistoryPage } from '../../kept/answers';
import { isUnfit } from '../../kept/lane-end';
import type { PersonCaption } from '../../kept/person-captions';
import { isBranch } from '../../kept/ratings';
import { ratingOf } from '../comparisons/rating-columns';

export type PageRequest = {
  ownerId: string;
  /** Where the page before ended. */
  cursor?: string;
  limit: number;
  /** Words, or beginnings of words, of captions, title or note; all must be there. */
  search?: string;
  /** Those that wait to be deleted for good, instead of the others. */
  deleted?: boolean;
  /**
   * Those of which some caption is rated, or those of which none is: one rated lane among five makes a comparison a
   * rated one.
   */
  rated?: boolean;
};
type Key = { id: string; createdAt: string };

/** One page of an owner's history, newest first. @throws option-invalid for a cursor that this studio did not give */
export async function historyPage(db: Database, request: PageRequest): Promise<HistoryPage> {
  const keys = await db.$queryRaw<Key[]>(pageQuery(request));
  const entries = await entriesOf(db, keys.slice(0, request.limit));
  const last = keys.length > request.limit ? keys[request.limit - 1] : undefined;
  return { entries, nextCursor: last ? encodeCursor(last) : null };
}

/**
 * The keys of a page and one more. Without a search it walks the index (ownerId, deletedAt, createdAt, id) from the
 * cursor on, so its
 * cost does not grow with the history; with one, the full-text index finds the candidates first.
 */
export function pageQuery({ ownerId, cursor, limit, search, deleted, rated }: PageRequest): Prisma.Sql {
  const after = cursor === undefined ? undefined : decodeCursor(cursor);
  const words = search === undefined ? '' : matchExpression(search);
  const filters = [
    Prisma.sql`c."ownerId" = ${ownerId}`,
    deleted ? Prisma.sql`c."deletedAt" IS NOT NULL` : Prisma.sql`c."deletedAt" IS NULL`,
    ...(after ? [Prisma.sql`(c."createdAt", c."id") < (${after.createdAt}, ${after.id})`] : []),
    ...(rated === undefined
      ? []
      : [
          Prisma.sql`${rated ? Prisma.empty : Prisma.sql`NOT `}EXISTS (SELECT 1 FROM "Lane" l WHERE l."comparisonId" = c."id" AND l."stars" > 0)`,
        ]),
    ...(words
      ? [
          Prisma.sql`c."id" IN (SELECT t."comparisonId" FROM "SearchIndex" f JOIN "SearchText" t ON t."rowid" = f.rowid WHERE f."SearchIndex" MATCH ${words})`,
        ]
      : []),
  ];
  return Prisma.sql`SELECT c."id" AS "id", CAST(c."createdAt" AS TEXT) AS "createdAt" FROM "Comparison" c WHERE ${Prisma.join(filters, ' AND ')} ORDER BY c."createdAt" DESC, c."id" DESC LIMIT ${limit + 1}`;
}

/**
 * A search as FTS5 takes it: every word quoted, so that none is an operator, and each as the beginning of a word.
 * Empty: no words.
 */
export function matchExpression(search: string): string {
  const words = search.normalize('NFC').match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.map((word) => `"${word}"*`).join(' ');
}

async function entriesOf(db: Database, keys: readonly Key[]): Promise<HistoryEntry[]> {
  const rows = await db.comparison.findMany({
    where: { id: { in: keys.map(({ id }) => id) } },
    select: {
      id: true,
      createdAt: true,
      endedAt: true,
      deletedAt: true,
      status: true,
      title: true,
      note: true,
      family: true,
      precision: true,
      device: true,
      computedBy: true,
      replayOf: true,
      inputKind: true,
      size: true,
      personCaptions: true,
      image: { select: { id: true, width: true, height: true, size: true } },
      lanes: {
        orderBy: { position: 'asc' },
        select: {
          key: true,
          decoder: true,
          options: true,
          status: true,
          error: true,
          caption: true,
          similarity: true,
          stars: true,
          ratedBlind: true,
        },
      },
      _count: { select: { shares: true } },
    },
  });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return keys.flatMap(({ id }): HistoryEntry[] => {
    const row = byId.get(id);
    if (!row) return [];
    const { image, lanes, _count, device, size, inputKind, personCaptions, ...rest } = row;
    return [
      {
        ...rest,
        status: rest.status as ComparisonStatus,
        input: inputKind as HistoryEntry['input'],
        precision: rest.precision as Precision | null,
        device: device as Device | null,
        computedBy: rest.computedBy as 'server' | 'client',
        bytes: size + (image?.size ?? 0),
        image: image && { width: image.width, height: image.height, thumbnailUrl: imageUrls(image.id).thumbnailUrl },
        lanes: lanes.map(({ key, status, options, error, stars, ratedBlind, ...lane }) => ({
          ...lane,
          id: key,
          status: status as LaneStatus,
          ...(isBranch(options as Record<string, unknown>) ? { branch: true } : {}),
          ...(isUnfit(error as ErrorData | null) ? { unfit: true } : {}),
          ...ratingOf({ stars, ratedBlind }),
        })),
        said: ((personCaptions ?? []) as PersonCaption[]).map(({ text }) => text),
        shares: _count.shares,
      },
    ];
  });
}

const encodeCursor = ({ createdAt, id }: Key) => Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
function decodeCursor(cursor: string): Key {
  try {
    const [createdAt, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof createdAt === 'string' && typeof id === 'string') return { createdAt, id };
  } catch {
    // Told below.
  }
  throw new StudioError(
    'option-invalid',
    'The cursor is not one that this studio gave. Leave it out to begin with the newest.',
  );
}
