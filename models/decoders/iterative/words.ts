import type { DecoderWords } from '../decoder-words';

export const iterativeWords: DecoderWords = {
  name: 'iterative',
  title: 'Iterative',
  idea: 'A language model proposes words, the joint embedding scores every continued caption against the image, and the best survive.',
  trainedOn: 'nothing',
  accepts: 'any embedding of the space',
  hue: { light: '#9a5b00', dark: '#f0b35a' },
  letter: 'I',
  noInsight:
    'The iterative decoder has no hidden part: all that it weighed lies under Beams, each candidate with the language model’s score (lp) and the joint embedding’s (cos).',
};
