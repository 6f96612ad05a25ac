import * as z from 'zod';
import type { CollectionCard } from '../../../kept/answers';
import { collectionStart, collectionUpload, type UploadCard } from '../../../kept/collections/requests';
import {
  collectionMark,
  type TableMeans,
  type TablePage,
  tableQuery,
  type TableReferences,
} from '../../../kept/collections/table';
import { id } from '../../../kept/fields';
import type { Asker, CollectionDesk } from '../../collections/desk';
import { type Context, procedure, router } from '../init';

const desk = async (ctx: Context): Promise<CollectionDesk> => (await ctx.studio()).collections;

async function askerOf(ctx: Context): Promise<Asker> {
  const studio = await ctx.studio();
  return {
    owner: ctx.owner,
    folders: studio.mayNameFolders(await ctx.isAdministrator()),
    enter: () => studio.clients.enterRun(ctx.client),
  };
}

const ofOne = procedure.input(z.strictObject({ id }));

/**
 * The asker's own collections: begun of folders of this machine or of photos that the page sent, how they stand, their
 * rows in any order, pausing, cancelling, going on with and deleting them.
 */
export const collectionRouter = router({
  list: procedure.query(async ({ ctx }): Promise<CollectionCard[]> => (await desk(ctx)).tables.list(ctx.owner)),
  card: ofOne.query(async ({ input, ctx }): Promise<CollectionCard> =>
    (await desk(ctx)).tables.card(ctx.owner, input.id),
  ),
  rows: procedure
    .input(z.strictObject({ id, query: tableQuery }))
    .query(async ({ input, ctx }): Promise<TablePage> =>
      (await desk(ctx)).tables.rows(ctx.owner, input.id, input.query),
    ),
  /** Means of the rows that fit, by lane. */
  means: procedure
    .input(z.strictObject({ id, query: tableQuery }))
    .query(async ({ input, ctx }): Promise<TableMeans> =>
      (await desk(ctx)).tables.means(ctx.owner, input.id, input.query),
    ),
  /** What it is scored against; POST /api/collections/ID/references gives it. */
  references: ofOne.query(async ({ input, ctx }): Promise<TableReferences | null> =>
    (await desk(ctx)).tables.references(ctx.owner, input.id),
  ),
  unreference: ofOne.mutation(async ({ input, ctx }): Promise<void> =>
    (await desk(ctx)).tables.dropReferences(ctx.owner, input.id),
  ),
  /** A person's own caption of a photo, or stars for a lane's. */
  mark: procedure
    .input(z.strictObject({ id, mark: collectionMark }))
    .mutation(async ({ input, ctx }): Promise<void> => (await desk(ctx)).tables.mark(ctx.owner, input.id, input.mark)),
  start: procedure
    .input(collectionStart)
    .mutation(async ({ input, ctx }): Promise<CollectionCard> => (await desk(ctx)).start(await askerOf(ctx), input)),
  resume: ofOne.mutation(async ({ input, ctx }): Promise<CollectionCard> =>
    (await desk(ctx)).resume(await askerOf(ctx), input.id),
  ),
  set: procedure
    .input(z.strictObject({ id, status: z.enum(['paused', 'cancelled']) }))
    .mutation(async ({ input, ctx }): Promise<CollectionCard> =>
      (await desk(ctx)).set(await askerOf(ctx), input.id, input.status),
    ),
  remove: ofOne.mutation(async ({ input, ctx }): Promise<void> =>
    (await desk(ctx)).remove(await askerOf(ctx), input.id),
  ),
  /** Photos that the page begins to send, by POST /api/collections/sent/ID. */
  send: procedure.input(collectionUpload).mutation(async ({ input, ctx }): Promise<{ id: string }> => {
    const studio = await ctx.studio();
    await studio.demandRoom(ctx.owner);
    return { id: await studio.collections.uploads.begin(ctx.owner, input.title, input.total) };
  }),
  sent: procedure.query(async ({ ctx }): Promise<UploadCard[]> => (await desk(ctx)).uploads.list(ctx.owner)),
  unsend: ofOne.mutation(async ({ input, ctx }): Promise<void> =>
    (await desk(ctx)).uploads.remove(ctx.owner, input.id),
  ),
});
