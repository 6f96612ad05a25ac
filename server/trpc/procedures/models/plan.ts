import type { PullPlan } from '../../../families/types';
import { modelProcedure } from '../../init';
import { pullRequest } from './input';

/** Asks the hub for what a pull would bring: files, sizes, licences, disk. Fails with the hub's own reason. */
export const planPull = modelProcedure
  .input(pullRequest)
  .query(async ({ input, ctx, signal }): Promise<PullPlan> => (await ctx.studio()).models.plan(input, signal));
