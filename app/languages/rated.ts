import { type Rating, starWords } from '@/kept/ratings';
import type { Translate } from './translator';

/** A rating in words: `rated 4 of 5, small flaw, given blind`. */
export function ratedText(t: Translate, { stars, blind }: Rating): string {
  return `${t('rated {{stars}} of 5, {{word}}', { stars, word: t(starWords[stars - 1]!) })}${blind ? `, ${t('given blind')}` : ''}`;
}
