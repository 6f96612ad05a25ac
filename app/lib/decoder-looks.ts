/** A hue and a letter for each decoder, the same everywhere; the letter tells them apart without colour. */
const looks: Record<string, { color: string; letter: string }> = {
  iterative: { color: 'var(--iterative)', letter: 'I' },
  clipcap: { color: 'var(--clipcap)', letter: 'C' },
  capdec: { color: 'var(--capdec)', letter: 'N' },
  decap: { color: 'var(--decap)', letter: 'M' },
  coca: { color: 'var(--coca)', letter: 'X' },
};
export const decoderLook = (decoder: string) => looks[decoder] ?? { color: 'var(--quiet)', letter: decoder.charAt(0).toUpperCase() };
