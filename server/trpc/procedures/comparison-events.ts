import { tracked } from '@trpc/server';
import * as z from 'zod';
import { asTrpcError, procedure } from '../init';
import type { StreamItem } from '../../../kept/comparison';
import { id } from '../../../kept/fields';

/**
 * The items of a comparison, each under its number, from the first or after `lastEventId`; ends after `ended`.
 * Listening keeps
 * a comparison alive: when the last listener has gone for a while, the work is cancelled.
 */
export const comparisonEvents = procedure
  .input(
    z.strictObject({
      id,
      lastEventId: z
        .string()
        .regex(/^\d{1,9}$/, 'the id of an event of this comparison')
        .nullish(),
    }),
  )
  .subscription(async function* ({ input, ctx, signal }) {
    const after = input.lastEventId ? Number(input.lastEventId) : -1;
    try {
      const comparisons = await ctx.comparisons();
      for await (const [index, item] of comparisons.follow(input.id, after, signal))
        yield tracked(String(index), item satisfies StreamItem);
    } catch (error) {
      throw await asTrpcError(error, ctx);
    }
  });
