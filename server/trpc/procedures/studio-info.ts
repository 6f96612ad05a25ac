import { procedure } from '../init';
import type { StudioInfo } from '../../../kept/answers';

/** Families, decoders with their options, devices and limits of this server. */
export const studioInfo = procedure.query(async ({ ctx }): Promise<StudioInfo> =>
  (await ctx.studio()).info(await ctx.isAdministrator()),
);
