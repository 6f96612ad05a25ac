import * as z from 'zod';

/** Name of a published model or of a family. */
export const modelName = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'small letters, digits, dots, dashes and underscores, at most 64'),
});

/**
 * A published model, or a repository of the hub that holds a family; `as`: what to call the family; `base`: the
 * installed family that a decoder joins.
 */
export const pullRequest = z.strictObject({
  name: z
    .string()
    .regex(
      /^(?:[\w-][\w.-]{0,95}\/[\w-][\w.-]{0,95}|[a-z0-9][a-z0-9._-]{0,63})$/,
      'the name of a published model, or OWNER/REPOSITORY',
    ),
  as: modelName.shape.name.optional(),
  base: modelName.shape.name.optional(),
});
