import { procedure } from '../init';
import type { StudioInfo } from '../types';

/** Families, decoders with their options, devices and limits of this server. */
export const studioInfo = procedure.query(async ({ ctx }): Promise<StudioInfo> => (await ctx.studio()).info());
