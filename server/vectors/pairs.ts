import { StudioError } from '../../models/errors';
import type { Pair } from '../../models/vectors/fit-map';
import type { OpenMatrix } from './open-matrix';

/**
 * Rows of the same things in two matrices: by their keys where both have them, else in their order. Rows that are no
 * vectors in either are left out; `tell` says what a person should know of it.
 * @throws option-invalid where nothing tells which rows belong together
 */
export function pairsOf(from: OpenMatrix, to: OpenMatrix): { pairs: Pair[]; tell: string[] } {
  const byKey = from.keys.named && to.keys.named;
  if (!byKey && from.matrix.rows !== to.matrix.rows)
    throw new StudioError(
      'option-invalid',
      `${from.matrix.name} has ${from.matrix.rows} rows and ${to.matrix.name} ${to.matrix.rows}, and not both have keys: nothing tells which belong together. Give keys of both (--from-keys, --to-keys), or as many rows.`,
    );
  const pairs: Pair[] = [];
  const lost: number[] = [];
  let unpaired = 0;
  for (let row = 0; row < from.matrix.rows; row++) {
    const other = byKey ? to.keys.row(from.keys.of(row)) : row;
    if (other === undefined) {
      unpaired++;
      continue;
    }
    try {
      pairs.push({ from: from.matrix.row(row), to: to.matrix.row(other) });
    } catch (error) {
      if (!(error instanceof StudioError) || error.code !== 'embedding-invalid') throw error;
      lost.push(row);
    }
  }
  return {
    pairs,
    tell: [
      ...(byKey ? [] : ['Rows are paired in their order, since not both matrices have keys.']),
      ...(unpaired
        ? [`${unpaired} of ${from.matrix.rows} rows of ${from.matrix.name} have no partner in ${to.matrix.name}.`]
        : []),
      ...(lost.length
        ? [`${lost.length} pairs hold a row that is no vector (NaN, infinity, zeros) and are left out.`]
        : []),
    ],
  };
}
