import * as z from 'zod';
import { frequenciesOf } from '../../../kept/frequencies';
import { saidToOthers, type SharedCaption, withoutEmbedding } from '../../../kept/share-file';
import { createShare, listShares, revokeShare, sharedComparison } from '../../history/shares';
import { procedure, router } from '../init';
import type { ComparisonView } from '../../../kept/comparison';
import type { Frequencies } from '../../../kept/frequencies';
import type { ShareLink } from '../../../kept/answers';
import { id } from '../../../kept/fields';

export const shareToken = z.string().regex(/^[\w-]{43}$/, 'not a link of this studio');

type SharedView = Omit<ComparisonView, 'said'> & { said: SharedCaption[]; frequencies?: Frequencies };

/** Links that show one comparison and can do nothing else. */
export const shareRouter = router({
  create: procedure
    .input(z.strictObject({ id }))
    .mutation(async ({ input, ctx }): Promise<ShareLink & { path: string }> =>
      createShare((await ctx.studio()).database, ctx.owner, input.id),
    ),
  list: procedure
    .input(z.strictObject({ id }))
    .query(async ({ input, ctx }): Promise<ShareLink[]> =>
      listShares((await ctx.studio()).database, ctx.owner, input.id),
    ),
  revoke: procedure
    .input(z.strictObject({ id }))
    .mutation(async ({ input, ctx }): Promise<void> => revokeShare((await ctx.studio()).database, ctx.owner, input.id)),
  /** For whoever has the link. The note and the embedding stay the owner's own; so does the comparison's id. */
  view: procedure.input(z.strictObject({ token: shareToken })).query(async ({ input, ctx }): Promise<SharedView> => {
    const studio = await ctx.studio();
    const { id: which } = await studio.clients.guess(ctx.client, () => sharedComparison(studio.database, input.token));
    const view = await studio.comparisons.get(which);
    const query = `share=${input.token}`;
    const image = view.image && {
      ...view.image,
      url: `${view.image.url}?${query}`,
      thumbnailUrl: `${view.image.url}?thumbnail&${query}`,
    };
    const frequencies = await frequenciesOf(view, (family, grams) => studio.frequencies(family, grams));
    return {
      ...view,
      ...(frequencies ? { frequencies } : {}),
      id: 'shared',
      note: '',
      replayOf: null,
      embedding: null,
      items: withoutEmbedding(view.items),
      said: saidToOthers(view.said),
      image,
    };
  }),
});
