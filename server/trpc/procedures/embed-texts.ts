import { procedure } from '../init';
import { embedTextsInput } from '../../../kept/requests';

/** Texts as embeddings of the family's joint space, for sums of photos and words. @throws family-unknown, busy */
export const embedTexts = procedure
  .input(embedTextsInput)
  .mutation(async ({ input: { family, texts }, ctx }): Promise<number[][]> => {
    (await ctx.comparisons()).countText();
    return (await ctx.studio()).embedTexts(family, texts);
  });
