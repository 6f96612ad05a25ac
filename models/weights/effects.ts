import * as z from 'zod';

/**
 * What single parts of a family's decoders were measured to do: `effects.json` beside the manifest, which is not part
 * of the weights and so
 * does not change their hash. `models/training/export.py` writes it from `choices.json`; figures are data, not code.
 */
const schema = z.strictObject({
  /** What the numbers are: metric, photos, command. */
  measured: z.string(),
  effects: z.array(
    z.strictObject({
      decoder: z.string(),
      /** The option that switches it, or undefined for a part that has no switch. */
      option: z.string().optional(),
      what: z.string(),
      /** The metric without and with it, and the paired difference with its 95 % interval. */
      without: z.number(),
      with: z.number(),
      difference: z.number(),
      low: z.number(),
      high: z.number(),
    }),
  ),
  /** Parts that nobody measured, by the decoder that has them. */
  notMeasured: z
    .array(z.strictObject({ decoder: z.string(), option: z.string().optional(), what: z.string() }))
    .default([]),
});
export type Effects = z.infer<typeof schema>;
export type Effect = Effects['effects'][number];

/** @throws ZodError, SyntaxError */
export const parseEffects = (json: string): Effects => schema.parse(JSON.parse(json));

/** What an effect shows: what helps surely, what harms, and what cannot be told from chance. */
export function verdictOf({ difference, low, high }: Effect): 'helps much' | 'helps' | 'harms' | 'unknown' {
  if (low > 0) return difference >= 0.1 ? 'helps much' : 'helps';
  return high < 0 ? 'harms' : 'unknown';
}
