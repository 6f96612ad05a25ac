import { bleu } from '@/models/metrics/bleu';
import type { Frequencies } from '@/kept/frequencies';
import { ciderD } from '@/models/metrics/cider';
import { ptbTokens } from '@/models/metrics/ptb-tokenizer';
import { rougeL } from '@/models/metrics/rouge-l';

/** Words that bind rather than name: that two captions share them says little. */
const binding = new Set(
  'a an the of in on at to by with and or is are was be been its it his her their this that as for from up down out into over'.split(
    ' ',
  ),
);

export type WordMark = { text: string; /** How many of the captions have it. */ shared: number; binding: boolean };

/** Each caption's words, with how many of all captions have each. */
export function agreement(captions: readonly string[]): WordMark[][] {
  const split = captions.map((caption) => caption.split(/\s+/).filter(Boolean));
  const plain = (word: string) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const counts = new Map<string, number>();
  for (const words of split)
    for (const word of new Set(words.map(plain))) counts.set(word, (counts.get(word) ?? 0) + 1);
  return split.map((words) =>
    words.map((text) => ({ text, shared: counts.get(plain(text)) ?? 1, binding: binding.has(plain(text)) })),
  );
}

export type ReferenceScores = {
  bleu4: number;
  rougeL: number;
  /** Only with document frequencies: one photo’s own give 0 for every caption. */ ciderD?: number;
};

/** A caption against the person's references, as the COCO evaluation computes it. `frequencies` are for CIDEr-D. */
export function scoreAgainst(
  caption: string,
  references: readonly string[],
  frequencies?: Frequencies,
): ReferenceScores {
  const scored = { candidate: ptbTokens(caption), references: references.map((reference) => ptbTokens(reference)) };
  return {
    bleu4: bleu([scored])[3],
    rougeL: rougeL(scored),
    ...(frequencies
      ? {
          ciderD: ciderD([scored], {
            images: frequencies.images,
            counts: new Map(Object.entries(frequencies.counts)),
          })[0]!,
        }
      : {}),
  };
}
