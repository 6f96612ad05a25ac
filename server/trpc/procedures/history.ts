import * as z from 'zod';
import { comparisonNotes, editComparison, removeComparisons, restoreComparisons } from '../../history/changes';
import { diskUse } from '../../history/disk';
import { historyPage } from '../../history/page';
import { say, takeBack } from '../../history/person-captions';
import { ratedComparisons, rateLane } from '../../history/ratings';
import { createKey, listKeys, revokeKey } from '../../owners/keys';
import { procedure, router } from '../init';
import type { ComparisonNotes, HistoryPage, OwnerInfo, OwnershipKey, RatedComparisons } from '../../../kept/answers';
import { editInput, rateInput, sayInput, takeBackInput } from '../../../kept/requests';
import { id } from '../../../kept/fields';

const ids = z.array(id).min(1).max(1_000);
const database = async (ctx: { studio: () => Promise<{ database: Parameters<typeof historyPage>[0] }> }) =>
  (await ctx.studio()).database;

/** The asker's own comparisons: page by page, renamed, annotated, deleted and brought back. */
export const historyRouter = router({
  page: procedure
    .input(
      z.strictObject({
        cursor: z.string().max(200).nullish(),
        limit: z.number().int().min(1).max(100).default(50),
        search: z.string().max(200).optional(),
        deleted: z.boolean().optional(),
        rated: z.boolean().optional(),
      }),
    )
    .query(async ({ input, ctx }): Promise<HistoryPage> =>
      historyPage(await database(ctx), { ...input, cursor: input.cursor ?? undefined, ownerId: ctx.owner }),
    ),
  edit: procedure
    .input(editInput)
    .mutation(async ({ input: { id: which, ...change }, ctx }): Promise<void> =>
      editComparison(await database(ctx), ctx.owner, which, change),
    ),
  /** Of a lane that has a caption; null takes the rating away. */
  rate: procedure
    .input(rateInput)
    .mutation(async ({ input, ctx }): Promise<void> => rateLane(await database(ctx), ctx.owner, input)),
  /** What the asker says of the photo, apart from what decoders said. */
  say: procedure.input(sayInput).mutation(async ({ input, ctx }): Promise<void> => {
    (await ctx.comparisons()).countText();
    const studio = await ctx.studio();
    await say(studio.database, ctx.owner, input, { scorer: (id, text) => studio.scoreText(id, text) });
  }),
  takeBack: procedure
    .input(takeBackInput)
    .mutation(async ({ input, ctx }): Promise<void> => takeBack(await database(ctx), ctx.owner, input)),
  /** What may have been changed elsewhere since a comparison was read, without its events. */
  notes: procedure
    .input(z.strictObject({ id }))
    .query(async ({ input, ctx }): Promise<ComparisonNotes> =>
      comparisonNotes(await database(ctx), ctx.owner, input.id),
    ),
  ratings: procedure.query(async ({ ctx }): Promise<RatedComparisons> =>
    ratedComparisons(await database(ctx), ctx.owner),
  ),
  remove: procedure
    .input(z.strictObject({ ids }))
    .mutation(async ({ input, ctx }): Promise<number> => removeComparisons(await database(ctx), ctx.owner, input.ids)),
  restore: procedure
    .input(z.strictObject({ ids }))
    .mutation(async ({ input, ctx }): Promise<number> => restoreComparisons(await database(ctx), ctx.owner, input.ids)),
  /** Without ids: everything that the asker has deleted. */
  purge: procedure
    .input(z.strictObject({ ids: ids.optional() }))
    .mutation(async ({ input, ctx }): Promise<number> => (await ctx.comparisons()).purge(input.ids)),
});

/** Who the asker is here, and how to be the same in another browser. */
export const ownerRouter = router({
  info: procedure.query(async ({ ctx }): Promise<OwnerInfo> => {
    const { database: db, diskLimits } = await ctx.studio();
    return { kind: ctx.ownerKind, disk: await diskUse(db, ctx.owner, diskLimits) };
  }),
  keys: procedure.query(async ({ ctx }): Promise<OwnershipKey[]> =>
    (await listKeys(await database(ctx), ctx.owner)).map((key) => ({ ...key, current: key.id === ctx.byKey })),
  ),
  /** Tells a new key, this once. A mutation, so that no cache and no log of addresses ever holds it. */
  makeKey: procedure.mutation(async ({ ctx }): Promise<{ id: string; key: string }> =>
    createKey(await database(ctx), ctx.owner),
  ),
  revokeKey: procedure
    .input(z.strictObject({ id }))
    .mutation(async ({ input, ctx }): Promise<void> => revokeKey(await database(ctx), ctx.owner, input.id)),
  restore: procedure
    .input(z.strictObject({ key: z.string().max(200) }))
    .mutation(async ({ input, ctx }): Promise<void> => ctx.restore(input.key)),
});
