import { procedure } from '../init';
import type { CreatedComparison } from '../../../kept/answers';
import { createInput } from '../../../kept/requests';

/** Takes a comparison in. Fails with `busy` (TOO_MANY_REQUESTS) when the queue is full. */
export const createComparison = procedure
  .input(createInput)
  .mutation(async ({ input, ctx }): Promise<CreatedComparison> => (await ctx.comparisons()).create(input));
