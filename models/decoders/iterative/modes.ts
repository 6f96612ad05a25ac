import type { PublishedMode } from '../published-mode';
import { magicText } from '../published-text';

/** MAGIC as yxuansu/MAGIC decodes it. */
export const magicModes: readonly PublishedMode[] = [
  {
    name: 'magic-acefac6',
    does: 'MAGIC on COCO: 45 candidates, α 0.1, β 2, logit scale 100, 15 tokens after the first; the photo cut as Hugging Face cuts it',
    search: 'magic',
    maxTokens: 15,
    candidates: 45,
    degeneration: 0.1,
    guidance: 2,
    text: magicText,
    crop: 'hugging-face',
  },
];
