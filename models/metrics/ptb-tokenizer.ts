/** Tokens that the COCO evaluation drops after tokenising. */
const dropped = new Set([
  "''",
  "'",
  '``',
  '`',
  '-LRB-',
  '-RRB-',
  '-LCB-',
  '-RCB-',
  '.',
  '?',
  '!',
  ',',
  ':',
  '-',
  '--',
  '...',
  ';',
]);
const abbreviation = /^(?:[a-z]\.)+$|^(?:mr|mrs|ms|dr|st|jr|sr|vs|etc|no|inc|co|ltd|mt|ft|prof)\.$/;
const contraction = /^(.+?)('s|'m|'d|'re|'ve|'ll|n't)$/;
const brackets: Record<string, string> = {
  '(': '-lrb-',
  ')': '-rrb-',
  '[': '-lsb-',
  ']': '-rsb-',
  '{': '-lcb-',
  '}': '-rcb-',
};

/**
 * Words of a caption much as the Penn Treebank tokenizer of the COCO evaluation gives them (lower case): contractions
 * split, hyphenated
 * words whole, abbreviations with their stop, punctuation dropped. Written from its described behaviour.
 */
export function ptbTokens(text: string): string[] {
  const normal = text
    .toLowerCase()
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/\s+/g, ' ');
  const rough =
    normal.match(
      /\.\.\.|--+|(?:[a-z]\.){2,}|\d+(?:[.,:/]\d+)+|(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_'&/.-]*[\p{L}\p{N}_])?)'?\.?|'s\b|[^\s]/gu,
    ) ?? [];
  return rough.flatMap(splitToken).filter((token) => !dropped.has(token) && token !== '"');
}

function splitToken(token: string): string[] {
  if (brackets[token]) return [brackets[token]!];
  if (token.length > 1 && token.endsWith('.') && !abbreviation.test(token) && token !== '...')
    return splitToken(token.slice(0, -1));
  if (token.length > 1 && token.endsWith("'")) return [...splitToken(token.slice(0, -1)), "'"];
  // A full stop inside words that are no number and no abbreviation ends a sentence that lacks its space.
  if (/^[\p{L}]{2,}\.[\p{L}]{2,}$/u.test(token)) return token.split('.').flatMap(splitToken);
  if (token.includes('/') && /\p{L}/u.test(token))
    return token
      .split('/')
      .flatMap((part, i) => (i ? ['/', ...splitToken(part)] : splitToken(part)))
      .filter(Boolean);
  if (token === 'cannot') return ['can', 'not'];
  if (token === 'gonna' || token === 'wanna' || token === 'gotta') return [token.slice(0, 3), token.slice(3)];
  const match = contraction.exec(token);
  return match ? [match[1]!, match[2]!] : [token];
}
