import type { DecoderWords } from '../decoder-words';

export const decapWords: DecoderWords = {
  name: 'decap',
  title: 'DeCap',
  idea: 'The image embedding is replaced by a weighted mean of the text embeddings nearest to it, which a text decoder then reads.',
  trainedOn: 'captions only',
  accepts: 'any embedding of the space, made unit',
  hue: { light: '#7a35b0', dark: '#d0a5f5' },
  letter: 'M',
};
