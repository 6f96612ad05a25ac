import { gramsOf } from '../models/metrics/ngrams';
import type { ComparisonView } from './comparison';

/**
 * How many of `images` documents hold each n-gram, and in words which documents those are: what CIDEr-D of a single
 * photo needs.
 */
export type Frequencies = { images: number; counts: Record<string, number>; source: string };
/** Tells them of n-grams. @throws where the family has no sentences to count in */
export type FrequencySource = (family: string, grams: readonly string[]) => Promise<Frequencies>;

/**
 * The frequencies that a comparison's references and captions need, so that CIDEr-D can be shown where no studio is to
 * be asked; undefined
 * without references, or where the family has none to give: then BLEU and ROUGE-L alone are shown.
 */
export async function frequenciesOf(
  { family, references = [], lanes }: Pick<ComparisonView, 'family' | 'lanes'> & { references?: readonly string[] },
  source: FrequencySource,
): Promise<Frequencies | undefined> {
  if (!references.length) return undefined;
  const grams = gramsOf([...references, ...lanes.flatMap(({ result }) => result?.caption ?? [])]);
  return source(family, grams).catch(() => undefined);
}
