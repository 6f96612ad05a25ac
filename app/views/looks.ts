/** A name, a hue and a letter for each decoder, the same everywhere; the letter tells them apart without colour. */
export type Look = { title: string; color: string; letter: string };
const looks: Record<string, Look> = {
  iterative: { title: 'Iterative', color: 'var(--iterative)', letter: 'I' },
  clipcap: { title: 'ClipCap', color: 'var(--clipcap)', letter: 'C' },
  capdec: { title: 'CapDec', color: 'var(--capdec)', letter: 'N' },
  decap: { title: 'DeCap', color: 'var(--decap)', letter: 'M' },
  coca: { title: 'CoCa', color: 'var(--coca)', letter: 'X' },
};
export const decoderLook = (decoder: string): Look =>
  looks[decoder] ?? { title: decoder, color: 'var(--quiet)', letter: decoder.charAt(0).toUpperCase() };

/** What a lane is called: its decoder, and what tells it from other lanes of the same one. */
export function laneTitle(lane: { id: string; decoder: string }): string {
  const { title } = decoderLook(lane.decoder);
  const number = /-(\d+)$/.exec(lane.id)?.[1];
  return number ? `${title} ${number}` : title;
}
