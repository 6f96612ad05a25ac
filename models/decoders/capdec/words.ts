import type { DecoderWords } from '../decoder-words';

export const capdecWords: DecoderWords = {
  name: 'capdec',
  title: 'CapDec',
  idea: "ClipCap's network, trained on text embeddings plus noise only, takes the image embedding for a noisy text.",
  trainedOn: 'captions only',
  accepts: 'any embedding of the space, made unit',
  hue: { light: '#0b6e63', dark: '#5fd0c0' },
  letter: 'N',
};
