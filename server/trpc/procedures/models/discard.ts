import { modelProcedure } from '../../init';
import { modelName } from './input';

/** Throws away what an unfinished pull has downloaded. */
export const discardModel = modelProcedure
  .input(modelName)
  .mutation(async ({ input, ctx }): Promise<{ bytes: number }> => (await ctx.studio()).models.discard(input.name));
