import { StudioError } from '@/models/errors';
import { msg } from '../languages/msg';

/** A term as the person writes it: a text, or an input of this visit by its key. */
export type WrittenTerm = { weight: number } & ({ kind: 'text'; text: string } | { kind: 'input'; key: string });
/** A term of a sum of embeddings: what it is called, how much of it is added (taken away below 0), and its values. */
export type Term = { name: string; weight: number; modality: 'image' | 'text'; values: readonly number[] };

/**
 * The sum of embeddings of one space as directions: each term is made unit first, so that no tower's norm outweighs
 * another's, then
 * weighted; the sum is made unit again, so only the ratios of the weights matter. It counts as an image where a photo
 * is added, and as text otherwise. @throws embedding-invalid when the terms cancel out
 */
export function sumOf(terms: readonly Term[]): { name: string; values: number[]; modality: 'image' | 'text' } {
  if (!terms.length)
    throw new StudioError('embedding-invalid', msg('There is nothing to add. Give at least one photo or text.'));
  const size = terms[0]!.values.length;
  const odd = terms.find(({ values }) => values.length !== size);
  if (odd)
    throw new StudioError(
      'embedding-mismatch',
      `${odd.name} has ${odd.values.length} values and ${terms[0]!.name} has ${size}: they come from different spaces. Caption both with one family first.`,
    );
  const sum = new Array<number>(size).fill(0);
  for (const { values, weight } of terms) {
    const length = Math.hypot(...values);
    values.forEach((value, i) => (sum[i]! += (weight * value) / length));
  }
  const length = Math.hypot(...sum);
  if (!(length > 1e-6))
    throw new StudioError(
      'embedding-invalid',
      msg('The terms cancel out: nothing is left to decode. Take one away, or change it.'),
    );
  const name = terms
    .map(
      ({ name: term, weight }, i) =>
        `${i === 0 ? (weight < 0 ? '− ' : '') : weight < 0 ? ' − ' : ' + '}${Math.abs(weight) === 1 ? '' : `${Math.abs(weight)} × `}${term}`,
    )
    .join('');
  return {
    name,
    values: sum.map((value) => value / length),
    modality: terms.some(({ weight, modality }) => weight > 0 && modality === 'image') ? 'image' : 'text',
  };
}
