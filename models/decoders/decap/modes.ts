import type { PublishedMode } from '../published-mode';
import { clipText } from '../published-text';

/** DeCap as dhg-wei/DeCap decodes it. */
export const decapModes: readonly PublishedMode[] = [
  {
    name: 'decap-1c26934',
    does: 'inference_decap.ipynb: softmax of 100 × cosine over the whole memory, unit again, greedy, 30 tokens, begin token included',
    search: 'published-greedy',
    maxTokens: 30,
    text: clipText,
  },
];
