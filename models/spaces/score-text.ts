import type { Runner } from '../runtime/scheduler';
import { cosine, type Embedding } from './embedding';
import type { Space } from './space';

/** How well a text fits an input, by the space itself. */
export type TextScore = {
  /** In [-1, 1]. */
  cosine: number;
  space: string;
  /** The text tower reads the beginning alone: the text is longer than its context. */
  cut?: true;
};

/**
 * Cosine of a text and an input: what a lane's caption is scored by, for words of nobody's lane.
 * @param input the input's embedding, [dim] @throws embedding-invalid for an empty text, embedding-mismatch
 */
export async function scoreText(space: Space, text: string, input: Embedding, lane: Runner): Promise<TextScore> {
  const [embedding] = await space.encodeTexts([text], lane);
  const cut = await space.isCut(text);
  return {
    cosine: Number(cosine(input, embedding!).toPrecision(6)),
    space: space.name,
    ...(cut ? { cut: true } : {}),
  };
}

/** What is asked of an engine, in plain values. */
export type TextScoreRequest = {
  family: string;
  text: string;
  input: { space: string; values: readonly number[] };
};
export const inputOf = ({ space, values }: TextScoreRequest['input']): Embedding => ({
  space,
  modality: 'image',
  state: 'raw',
  values: Float32Array.from(values),
});
