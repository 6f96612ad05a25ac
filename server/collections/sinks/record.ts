import type { Answered, AnsweredRow } from './types';

/** What was said of one photo, as `caption --json` prints it, without times. */
export function recordOf({ key, family, device, precision, rows, own, error }: Answered): Record<string, unknown> {
  const person = own ? { own } : {};
  if (error) return { image: key, error: { code: error.code, message: error.message }, ...person };
  return { image: key, family, device, precision, captions: rows.map(laneRecord), ...person };
}

/** One caption as `caption --json` prints it. */
export function laneRecord(row: AnsweredRow): Record<string, unknown> {
  const { decoder, error, caption, tokens, logProb, similarity, certainty, optimised, ownEmbedding, stars } = row;
  if (caption === undefined) return { decoder, error };
  return { decoder, caption, tokens, logProb, similarity, certainty, optimised, ownEmbedding, stars };
}

/**
 * The caption of a photo where there is room for one: the lane's, of several the one with the highest cosine. A lane
 * whose search optimised that cosine stands behind those that did not.
 */
export function bestOf(rows: readonly AnsweredRow[]): AnsweredRow | undefined {
  const rank = ({ caption, optimised, similarity = -1 }: AnsweredRow) => [
    caption ? 1 : 0,
    optimised ? 0 : 1,
    similarity,
  ];
  let best: AnsweredRow | undefined;
  for (const row of rows) {
    if (row.caption === undefined) continue;
    const [mine, theirs] = [rank(row), best && rank(best)];
    const differs = theirs ? mine.findIndex((value, i) => value !== theirs[i]) : 0;
    if (!theirs || (differs >= 0 && mine[differs]! > theirs[differs]!)) best = row;
  }
  return best;
}
