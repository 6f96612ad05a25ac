import * as z from 'zod';
import { procedure } from '../init';
import type { Frequencies } from '../../../kept/frequencies';

/**
 * Document frequencies for CIDEr-D of single photos, of the n-grams that are asked for; see
 * server/comparisons/frequencies.ts.
 */
export const frequencies = procedure
  .input(z.strictObject({ family: z.string().min(1).max(64), grams: z.array(z.string().max(400)).max(20_000) }))
  .query(async ({ input, ctx }): Promise<Frequencies> => (await ctx.studio()).frequencies(input.family, input.grams));
