import type { ModelJob } from '../../../families/types';
import { modelProcedure } from '../../init';
import { pullRequest } from './input';

/**
 * Starts a pull, or goes on with one that was cut; `models.events` tells how it goes. The studio's own machine only.
 */
export const pullModel = modelProcedure
  .input(pullRequest)
  .mutation(async ({ input, ctx }): Promise<ModelJob> => (await ctx.studio()).models.pull(input));
