import type { ModelJob } from '../../../families/types';
import { modelProcedure } from '../../init';
import { modelName } from './input';

/** Starts a check of every file of a family; the job's `verification` is the answer. */
export const verifyModel = modelProcedure
  .input(modelName)
  .mutation(async ({ input, ctx }): Promise<ModelJob> => (await ctx.studio()).models.verify(input.name));
