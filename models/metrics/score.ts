import { bleu } from './bleu';
import { cider, ciderD } from './cider';
import type { Scored } from './ngrams';
import { ptbTokens } from './ptb-tokenizer';
import { rougeL } from './rouge-l';

/**
 * `ptb`: Penn Treebank words, as the COCO evaluation; `none`: the text is tokenised already, words are split at spaces.
 */
export type WordSplit = 'ptb' | 'none';
export type Captioned = { caption: string; references: readonly string[] };
export type Scores = {
  n: number;
  bleu1: number;
  bleu2: number;
  bleu3: number;
  bleu4: number;
  rougeL: number;
  cider: number;
  ciderD: number;
  distinct: number;
};

/**
 * Every metric of a set of captions, document frequencies from their own references. `distinct`: different captions.
 */
export function score(items: readonly Captioned[], split: WordSplit = 'ptb'): Scores {
  const words = (text: string) => (split === 'ptb' ? ptbTokens(text) : text.split(' ').filter(Boolean));
  const scored = items.map(({ caption, references }): Scored => ({
    candidate: words(caption),
    references: references.map(words),
  }));
  const [bleu1, bleu2, bleu3, bleu4] = bleu(scored);
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / Math.max(1, values.length);
  return {
    n: items.length,
    bleu1,
    bleu2,
    bleu3,
    bleu4,
    rougeL: mean(scored.map(rougeL)),
    cider: mean(cider(scored)),
    ciderD: mean(ciderD(scored)),
    distinct: new Set(items.map(({ caption }) => caption)).size,
  };
}
