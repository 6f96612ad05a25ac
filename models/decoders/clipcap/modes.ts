import type { PublishedMode } from '../published-mode';
import { huggingFaceText } from '../published-text';

/** What `generate_beam` does. */
export const beamLoop =
  'beam of 5 by mean log-probability, no list of finished captions, 67 tokens, stops at the full stop';

/** ClipCap as rmokady/CLIP_prefix_caption decodes it. */
export const clipcapModes: readonly PublishedMode[] = [
  {
    name: 'clipcap-1ad805a-beam',
    does: `generate_beam: ${beamLoop}`,
    search: 'clipcap-beam',
    beam: 5,
    maxTokens: 67,
    text: huggingFaceText,
  },
  {
    name: 'clipcap-1ad805a-top-p',
    does: 'generate2, called top-p there: the nucleus of 0.8, and of it the likeliest token, which is greedy; 67 tokens',
    search: 'published-greedy',
    maxTokens: 67,
    text: huggingFaceText,
  },
];
