import * as z from 'zod';
import type { ModelJob } from '../../../families/types';
import { modelProcedure } from '../../init';
import { modelName } from './input';

const path = z.string().min(1).max(4_096);
const input = modelName.extend({
  kind: z.string().min(1).max(64),
  files: z.array(path).min(1).max(64),
  base: modelName.shape.name.optional(),
  options: z.record(z.string().max(64), z.union([z.string().max(2_000), z.number(), z.boolean()])).optional(),
});

/**
 * Imports files that lie on the studio's machine. Only where nobody but this machine reaches the studio: paths are its
 * owner's.
 */
export const importModel = modelProcedure
  .input(input)
  .mutation(async ({ input: request, ctx }): Promise<ModelJob> => (await ctx.studio()).models.import(request));
