import { Prisma } from '../../prisma/generated/client';
import type { RatedComparison } from '../../kept/ratings';
import { StudioError } from '../../models/errors';
import { ratingColumns } from '../comparisons/rating-columns';
import type { Database } from '../db/open';
import type { RateLane } from '../../kept/requests';
import { notYours } from './changes';

/** Rates the caption of a lane, for its owner alone. @throws not-found, option-invalid for a lane without a caption */
export async function rateLane(db: Database, ownerId: string, { id, lane, rating }: RateLane): Promise<void> {
  const mine = { ownerId, deletedAt: null };
  const { count } = await db.lane.updateMany({
    where: { comparisonId: id, key: lane, caption: { not: null }, comparison: mine },
    data: ratingColumns(rating),
  });
  if (count > 0) return;
  if (!(await db.comparison.count({ where: { id, ...mine } }))) throw notYours();
  throw new StudioError(
    'option-invalid',
    `Lane "${lane}" of this comparison has no caption that could be rated. Run it first.`,
  );
}

type Row = {
  id: string;
  lane: string;
  decoder: string;
  stars: number;
  blind: number | boolean | null;
  given: number | null;
};

/**
 * The rated lanes of an owner, the newest comparison first. The index tells which they are, so that no result is read.
 */
export const ratedQuery = (ownerId: string) => Prisma.sql`
  SELECT c."id" AS "id", l."key" AS "lane", l."decoder" AS "decoder", l."stars" AS "stars", l."ratedBlind" AS "blind",
    json_array_length(l."options", '$.prefixTokens') AS "given"
  FROM "Comparison" c JOIN "Lane" l ON l."comparisonId" = c."id" AND l."stars" > 0
  WHERE c."ownerId" = ${ownerId} AND c."deletedAt" IS NULL ORDER BY c."createdAt" DESC, c."id" DESC, l."position"`;

/** Every comparison of an owner that has a rated lane, the newest first. */
export async function ratedComparisons(db: Database, ownerId: string): Promise<RatedComparison[]> {
  const all = new Map<string, RatedComparison>();
  for (const { id, stars, blind, given, ...lane } of await db.$queryRaw<Row[]>(ratedQuery(ownerId))) {
    if (!all.has(id)) all.set(id, { id, lanes: [] });
    all.get(id)!.lanes.push({
      ...lane,
      stars: Number(stars),
      blind: Boolean(blind),
      ...(Number(given) > 0 ? { branch: true } : {}),
    });
  }
  return [...all.values()];
}
