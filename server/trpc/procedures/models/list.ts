import type { ModelsView } from '../../../families/types';
import { procedure } from '../../init';

/** Installed families, published models, what is half pulled, jobs, disk and hub. */
export const listModels = procedure.query(async ({ ctx }): Promise<ModelsView> =>
  (await ctx.studio()).models.list(await ctx.isAdministrator()),
);
