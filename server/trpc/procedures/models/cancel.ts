import * as z from 'zod';
import type { ModelJob } from '../../../families/types';
import { modelProcedure } from '../../init';

/** Stops a job and answers with how it stands then; a pull can be resumed. */
export const cancelModelJob = modelProcedure
  .input(z.strictObject({ id: z.uuid() }))
  .mutation(async ({ input, ctx }): Promise<ModelJob> => (await ctx.studio()).models.cancel(input.id));
