import type { Prisma } from '../../prisma/generated/client';
import type { ComparisonStatus, StreamItem } from '../../kept/comparison';
import type { Transaction } from '../db/open';

export type FinalStatus = Exclude<ComparisonStatus, 'queued' | 'running'>;

/** Of a comparison and of a lane that has not ended. */
export const unended = ['queued', 'running'];
export const openLanes = ['waiting', 'running'];

/** A plain value as a JSON column: drops what JSON has no word for (undefined), as the wire would. */
export const json = (value: unknown): Prisma.InputJsonValue =>
  JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;

/** How many items a comparison has: the number that the next one gets. */
export async function itemCount(tx: Transaction, comparisonId: string): Promise<number> {
  const last = await tx.eventBatch.findFirst({ where: { comparisonId }, orderBy: { first: 'desc' } });
  return last ? last.first + (last.items as unknown as StreamItem[]).length : 0;
}
