import { decoderWords } from '@/models/decoders/words';
import { sweptOf, sweptTitle } from './sweep-name';

/** A name, a hue and a letter for each decoder, the same everywhere; the letter tells them apart without colour. */
export type Look = { title: string; color: string; letter: string };

export function decoderLook(decoder: string): Look {
  const words = decoderWords.find(({ name }) => name === decoder);
  if (!words) return { title: decoder, color: 'var(--quiet)', letter: decoder.charAt(0).toUpperCase() };
  const { title, letter, hue } = words;
  // One of the two is nothing (theme.css).
  return { title, letter, color: `var(--when-light, ${hue.light}) var(--when-dark, ${hue.dark})` };
}

/** What is said in place of what lies behind a decoder's captions, where nothing does. */
export const noInsight = (decoder: string): string | undefined =>
  decoderWords.find(({ name }) => name === decoder)?.noInsight;

/**
 * What a lane is called: its decoder, what tells it from other lanes of the same one, and whose way of decoding it
 * follows, where that is not the studio's own.
 */
export function laneTitle(lane: { id: string; decoder: string; options?: Readonly<Record<string, unknown>> }): string {
  const swept = sweptOf(lane.id);
  if (swept) {
    const base = { id: swept.base, decoder: lane.decoder, options: { ...lane.options, [swept.option]: undefined } };
    return `${laneTitle(base)} · ${sweptTitle(swept, lane.options)}`;
  }
  const { title } = decoderLook(lane.decoder);
  const number = /-(\d+)$/.exec(lane.id)?.[1];
  const mode = lane.options?.mode;
  const own = mode === undefined || mode === 'studio' ? '' : ` · ${String(mode)}`;
  return `${number ? `${title} ${number}` : title}${own}`;
}
