import { StudioError } from '../errors';

/** A typed vector of a joint space. A decoder declares what it accepts; a mismatch is an error, never a bad caption. */
export type Embedding = {
  /** Name of the space, e.g. `pocket`. */
  space: string;
  modality: 'image' | 'text' | 'mixed';
  /** `raw`: as the tower gave it. `unit`: L2 norm 1. */
  state: 'raw' | 'unit';
  /** [dim] */
  values: Float32Array;
};

export function norm(values: Float32Array): number {
  let sum = 0;
  for (const v of values) sum += v * v;
  return Math.sqrt(sum);
}

/** The embedding with L2 norm 1. @throws embedding-invalid when it is zero or not finite. */
export function unit(embedding: Embedding): Embedding {
  const length = norm(embedding.values);
  if (!(length > 0) || !Number.isFinite(length))
    throw new StudioError(
      'embedding-invalid',
      `The ${embedding.space} embedding has norm ${length}; expected a finite, non-zero vector. Check the file it came from.`,
    );
  return { ...embedding, state: 'unit', values: embedding.values.map((v) => v / length) };
}

/** Cosine of two embeddings of one space, in [-1, 1]. @throws embedding-mismatch when the spaces differ. */
export function cosine(a: Embedding, b: Embedding): number {
  if (a.space !== b.space || a.values.length !== b.values.length)
    throw new StudioError(
      'embedding-mismatch',
      `Cannot compare an embedding of ${a.space} (${a.values.length}) with one of ${b.space} (${b.values.length}): a cosine has a meaning in one space only.`,
    );
  let dot = 0;
  for (let i = 0; i < a.values.length; i++) dot += a.values[i]! * b.values[i]!;
  return dot / (norm(a.values) * norm(b.values));
}
