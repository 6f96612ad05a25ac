import { rules } from './ptb-rules';

/** Tokens that the COCO evaluation drops after tokenising. They are compared with what is in lower case already. */
const dropped = new Set(["''", "'", '``', '`', '.', '?', '!', ',', ':', '-', '--', '...', ';']);

/**
 * Words of a caption as the COCO evaluation scores them: tokens of Stanford's PTBTokenizer (CoreNLP 3.4.1,
 * `-preserveLines -lowerCase`), punctuation dropped. Contractions are split, hyphenated words whole, brackets have
 * names.
 * @param following the text on the next line of the file that the evaluation writes: whether a stop after an
 *   abbreviation ends the sentence depends on it. Without: nothing follows
 * @returns words in lower case. Numbers that are one token though written apart ("1 1/2") are two words, as its BLEU
 *   and CIDEr count them
 */
export function ptbTokens(text: string, following?: string): string[] {
  // Characters beyond the basic plane (emoji) it deletes; U+FFFF stands for them, which no rule takes.
  const line = text.replace(/[\r\n\f\v\u0085\u2028\u2029]/g, ' ').replace(/[\u{10000}-\u{10ffff}]/gu, '\uffff');
  const whole = following === undefined ? line : `${line}\n${following}`;
  const tokens: string[] = [];
  for (let at = 0; at < line.length;) {
    const { length, said } = tokenAt(whole, at);
    at += length;
    for (const token of said) if (!dropped.has(token)) tokens.push(...token.split(/[ \u00a0]/));
  }
  return tokens;
}

/** Words of texts that stand below each other in the evaluation's file, in this order. */
export const ptbTokensOfAll = (texts: readonly string[]): string[][] =>
  texts.map((text, i) => ptbTokens(text, i + 1 < texts.length ? `${texts[i + 1]!.slice(0, 40)}\n` : undefined));

/** Most tokens: letters up to a space. No rule takes more or less of them, but for these words. */
const plain = /(?!(?:cannot|gonna|gotta|lemme|gimme|wanna)\b)([a-z]+)(?=,? |,?\n|,?$)/iy;

/** The token that begins at `at`, as it is said: none for a space and for what the tokenizer deletes. */
function tokenAt(text: string, at: number): { length: number; said: readonly string[] } {
  plain.lastIndex = at;
  const usual = plain.exec(text)?.[0];
  if (usual) return { length: usual.length, said: [usual.toLowerCase()] };
  if (text[at] === ' ') return { length: 1, said: [] };
  let reach = 0;
  let best: { token: string; said: string | readonly string[] } | undefined;
  for (const { pattern, say } of rules) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match || match[0].length <= reach) continue;
    reach = match[0].length;
    const token = match[1]!;
    best = { token, said: say?.(token) ?? token };
  }
  if (!best) return { length: 1, said: [] };
  const said = typeof best.said === 'string' ? [best.said] : best.said;
  return {
    length: best.token.length,
    said: said.map((token) => token.replace(/\u00ad/g, '').toLowerCase()).filter(Boolean),
  };
}
