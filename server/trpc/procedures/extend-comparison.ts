import { procedure } from '../init';
import type { CreatedComparison } from '../../../kept/answers';
import { extendInput } from '../../../kept/requests';

/**
 * Runs more lanes in a comparison: a branch, a lane alone, a failed one again. Answers once they are queued, after what
 * still runs.
 */
export const extendComparison = procedure
  .input(extendInput)
  .mutation(async ({ input, ctx }): Promise<CreatedComparison> => (await ctx.comparisons()).extend(input));
