import * as z from 'zod';
import { procedure } from '../init';
import type { EmbedTexts } from '../../../kept/requests';

const input: z.ZodType<EmbedTexts> = z.strictObject({
  family: z.string().min(1).max(64),
  texts: z.array(z.string().trim().min(1, 'a text needs a word').max(400, 'at most 400 characters')).min(1).max(8),
});

/** Texts as embeddings of the family's joint space, for sums of photos and words. @throws family-unknown, busy */
export const embedTexts = procedure
  .input(input)
  .mutation(async ({ input: { family, texts }, ctx }): Promise<number[][]> => {
    (await ctx.comparisons()).countText();
    return (await ctx.studio()).embedTexts(family, texts);
  });
