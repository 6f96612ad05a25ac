import type { WeightMap } from './types';

/** Weights with one more tensor: `as` is `table` [rows, width] with the vector `token` [width] as its last row. */
export function withClassToken(
  weights: WeightMap,
  { table: from, token: last, as }: { table: string; token: string; as: string },
): WeightMap {
  return {
    has: (name) => name === as || weights.has(name),
    names: () => [...weights.names(), as],
    get(name) {
      if (name !== as) return weights.get(name);
      const [table, token] = [weights.get(from), weights.get(last)];
      const values = new Float32Array(table.values.length + token.values.length);
      values.set(table.values);
      values.set(token.values, table.values.length);
      return { dims: [table.dims[0]! + 1, table.dims[1]!], values };
    },
  };
}
