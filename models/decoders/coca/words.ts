import type { DecoderWords } from '../decoder-words';

export const cocaWords: DecoderWords = {
  name: 'coca',
  title: 'CoCa',
  idea: 'A text decoder looks at pooled tokens of the image itself through cross-attention, not at the one embedding.',
  trainedOn: 'images and captions, jointly with the contrastive loss',
  accepts: 'a photo',
  hue: { light: '#b02a58', dark: '#ff9dbd' },
  letter: 'X',
};
