import { z } from 'zod';
import { procedure } from '../init';
import type { ComparisonView } from '../types';
import { id } from './input';

/** Stops a comparison; finished lanes stay. Answers with how it stands then. */
export const cancelComparison = procedure.input(z.strictObject({ id })).mutation(async ({ input, ctx }): Promise<ComparisonView> => (await ctx.comparisons()).cancel(input.id));
