import { procedure } from '../init';
import { saveInput } from '../../../kept/requests';

/**
 * Keeps a comparison that a browser computed, marked as such. Its events are checked for their shape, not for their
 * truth.
 */
export const saveComparison = procedure
  .input(saveInput)
  .mutation(async ({ input, ctx }): Promise<{ id: string }> => (await ctx.comparisons()).save(input));
