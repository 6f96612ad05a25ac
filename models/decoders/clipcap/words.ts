import type { DecoderWords } from '../decoder-words';

export const clipcapWords: DecoderWords = {
  name: 'clipcap',
  title: 'ClipCap',
  idea: 'A mapper turns the image embedding into prefix tokens, and a language model goes on from them.',
  trainedOn: 'images and captions',
  accepts: "any embedding of the space, made unit; with ClipCap's published MLP a raw one only",
  hue: { light: '#1f4fbf', dark: '#9db8ff' },
  letter: 'C',
};
