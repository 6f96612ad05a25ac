import * as z from 'zod';
import { procedure } from '../init';
import type { ComparisonView } from '../../../kept/comparison';
import { id } from '../../../kept/fields';
import { laneId } from '../../../models/events';

/** Stops a comparison, or one lane of it; finished lanes stay. Answers with how it stands then. */
export const cancelComparison = procedure
  .input(z.strictObject({ id, lane: laneId.optional() }))
  .mutation(async ({ input, ctx }): Promise<ComparisonView> => (await ctx.comparisons()).cancel(input.id, input.lane));
