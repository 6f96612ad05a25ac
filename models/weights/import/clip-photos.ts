import type { Manifest } from '../../manifest';

/** How OpenAI's CLIP reads photos, and open_clip's CoCa after it. */
export const clipPhotos = (size: number): Manifest['space']['image'] => ({
  size,
  fit: 'crop',
  filter: 'bicubic',
  scale: '(x/255-mean)/deviation',
  profile: 'ignored',
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
});
