import * as z from 'zod';
import { procedure } from '../../init';

/** Gives the asking browser the right to change models, by an administrator's key. */
export const administer = procedure
  .input(z.strictObject({ key: z.string().max(200) }))
  .mutation(async ({ input, ctx }): Promise<void> => ctx.administer(input.key));
