import type { PullPlan } from '../../../families/types';
import { procedure } from '../../init';
import { pullName } from './input';

/** Asks the hub for what a pull would bring: files, sizes, licences, disk. Fails with the hub's own reason. */
export const planPull = procedure.input(pullName).query(async ({ input, ctx, signal }): Promise<PullPlan> => (await ctx.studio()).models.plan(input.name, signal));
