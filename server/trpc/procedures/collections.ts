import * as z from 'zod';
import type { CollectionCard } from '../../../kept/answers';
import { type TablePage, tableQuery } from '../../../kept/collections/table';
import { id } from '../../../kept/fields';
import { type Context, procedure, router } from '../init';

const tables = async (ctx: Context) => (await ctx.studio()).collections;

/** The asker's own runs of collections: how they stand, their rows in any order, pausing and cancelling them. */
export const collectionRouter = router({
  list: procedure.query(async ({ ctx }): Promise<CollectionCard[]> => (await tables(ctx)).list(ctx.owner)),
  card: procedure
    .input(z.strictObject({ id }))
    .query(async ({ input, ctx }): Promise<CollectionCard> => (await tables(ctx)).card(ctx.owner, input.id)),
  rows: procedure
    .input(z.strictObject({ id, query: tableQuery }))
    .query(async ({ input, ctx }): Promise<TablePage> => (await tables(ctx)).rows(ctx.owner, input.id, input.query)),
  set: procedure
    .input(z.strictObject({ id, status: z.enum(['paused', 'cancelled']) }))
    .mutation(async ({ input, ctx }): Promise<CollectionCard> =>
      (await tables(ctx)).set(ctx.owner, input.id, input.status),
    ),
});
