import type { DecoderWords } from '../decoders/decoder-words';

export const namerWords: DecoderWords = {
  name: 'namer',
  title: 'Namer',
  idea: 'The things nearest to the embedding are named first, and a language model goes on from their names.',
  trainedOn: 'nothing: made up for a test',
  accepts: 'any embedding of the space, made unit',
  hue: { light: '#5a5a00', dark: '#e0e05a' },
  letter: 'W',
};
