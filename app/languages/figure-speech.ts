import type { FigureSpeech } from '@/kept/figure';
import type { Language } from './languages';
import { problemText } from './problem-text';
import type { Translate } from './translator';

/** How a figure (kept/figure.ts) speaks to whoever asks for it. */
export const figureSpeech = (t: Translate, language: Language): FigureSpeech => ({
  say: ({ sentence, values }) => t(sentence, values),
  problem: (error) => problemText(t, error),
  fixed: (x, digits) =>
    x.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }),
});
