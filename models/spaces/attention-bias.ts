/** Added to a forbidden score; far below any score and inside the range of half precision. */
export const forbidden = -30_000;

/** What each of `fresh` new tokens sees: all of the `past`, and of the new ones itself and those before it. */
export const causalBias = (past: number, fresh: number): Float32Array =>
  bias(past, fresh, (query, key) => key <= query);

/** The same for tokens that compete for one place: all of the past, and of the new ones itself alone. */
export const rivalBias = (past: number, fresh: number): Float32Array =>
  bias(past, fresh, (query, key) => key === query);

/** [fresh, past + fresh], zero where a new token sees. */
function bias(past: number, fresh: number, sees: (query: number, key: number) => boolean): Float32Array {
  const total = past + fresh;
  const values = new Float32Array(fresh * total);
  for (let query = 0; query < fresh; query++)
    for (let key = 0; key < fresh; key++) if (!sees(query, key)) values[query * total + past + key] = forbidden;
  return values;
}
