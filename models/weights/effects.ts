import { z } from 'zod';

/**
 * What single parts of a family's decoders were measured to do: `effects.json` beside the manifest, which is not part of the weights and so
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
  notMeasured: z.array(z.strictObject({ decoder: z.string(), option: z.string().optional(), what: z.string() })).default([]),
});
export type Effects = z.infer<typeof schema>;
export type Effect = Effects['effects'][number];

/** @throws ZodError, SyntaxError */
export const parseEffects = (json: string): Effects => schema.parse(JSON.parse(json));

const signed = (x: number) => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(3)}`;

/** An effect in a sentence: what helps surely, what harms, and what cannot be told from chance. */
export function effectText({ without, with: on, difference, low, high }: Effect): string {
  const verdict = low > 0 ? (difference >= 0.1 ? 'it helps much' : 'it helps') : high < 0 ? 'it harms' : 'no difference that can be told from chance';
  return `${without.toFixed(3)} without, ${on.toFixed(3)} with (${signed(difference)}, 95 % from ${signed(low)} to ${signed(high)}): ${verdict}.`;
}
