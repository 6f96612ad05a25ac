/** Rules that a beam may be held to. */
export type Constraints = {
  /** No caption ends before this many tokens. */
  minTokens: number;
  /** No sequence of this many tokens occurs twice (0: off); 1 forbids only an immediate repeat. */
  noRepeat: number;
};

/** Whether `token` may follow `tokens`. */
export function allowed(
  tokens: readonly number[],
  token: number,
  endToken: number,
  { minTokens, noRepeat }: Constraints,
): boolean {
  if (token === endToken) return tokens.length >= minTokens;
  if (noRepeat >= 1 && tokens[tokens.length - 1] === token) return false;
  if (noRepeat < 2 || tokens.length < noRepeat) return true;
  const last = tokens.length - (noRepeat - 1);
  for (let at = 0; at + noRepeat <= tokens.length; at++) {
    let same = tokens[at + noRepeat - 1] === token;
    for (let i = 0; same && i < noRepeat - 1; i++) same = tokens[at + i] === tokens[last + i];
    if (same) return false;
  }
  return true;
}
