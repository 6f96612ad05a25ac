import { inputEmbedding } from '@/kept/input-embedding';
import type { TextScore } from '@/models/spaces/score-text';
import { browserEngine } from '../engine/client';
import type { LocalComparison } from './local-comparisons';

/**
 * How well a text fits the input of a comparison of this browser, by this browser's engine: the text goes nowhere.
 * Undefined where no run has told the input's embedding. @throws weights-missing, device-unavailable
 */
export async function scoreHere({ family, precision, embedding, runs }: LocalComparison, text: string) {
  const [run] = runs.filter(({ items }) => inputEmbedding({ items, embedding: null })?.space);
  const input = run && inputEmbedding({ items: run.items, embedding: embedding?.values ?? null });
  if (!input?.space) return undefined;
  const score: TextScore = await browserEngine(run!.device, precision).scoreText({
    family,
    text,
    input: { values: input.values, space: input.space },
  });
  return score;
}
