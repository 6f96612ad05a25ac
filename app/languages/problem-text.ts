import type { ErrorCode } from '@/models/errors';
import { errorWords } from './error-words';
import type { Translate } from './translator';

/**
 * What went wrong: an error's English words with its code, or a sentence of the page's own with what is put into it.
 */
export type Problem = { message: string; code?: string; values?: Readonly<Record<string, string | number>> };

/** In another language than English: the sentence, or what the code means and then the English words. */
export function problemParts(t: Translate, { message, code, values }: Problem): { said: string; english?: string } {
  // `t(…)` of a sentence without a translation is that sentence.
  const translated = (sentence: string) => t(sentence) !== sentence;
  if (values || translated(message)) return { said: t(message, values) };
  const words = code !== undefined && Object.hasOwn(errorWords, code) ? errorWords[code as ErrorCode] : undefined;
  return words !== undefined && translated(words) ? { said: t(words), english: message } : { said: message };
}

/** A problem as text, for a name. */
export function problemText(t: Translate, problem: Problem): string {
  const { said, english } = problemParts(t, problem);
  return english === undefined ? said : `${said} ${english}`;
}
