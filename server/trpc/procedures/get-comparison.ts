import * as z from 'zod';
import { procedure } from '../init';
import type { ComparisonView } from '../../../kept/comparison';
import { id } from '../../../kept/fields';

/** A comparison with all its lanes and events, running or ended. */
export const getComparison = procedure
  .input(z.strictObject({ id }))
  .query(async ({ input, ctx }): Promise<ComparisonView> => (await ctx.comparisons()).get(input.id));
