import { modelProcedure } from '../../init';
import { modelName } from './input';

/** Removes an installed family; refused while a comparison uses it. */
export const removeModel = modelProcedure
  .input(modelName)
  .mutation(async ({ input, ctx }): Promise<{ bytes: number }> => (await ctx.studio()).models.remove(input.name));
