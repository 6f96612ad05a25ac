import { neededOptions } from '../decoders/needed';
import type { OptionValues } from '../decoders/option-spec';
import type { Decoder } from '../decoders/types';

/** Whether a lane's options have it draw random numbers. */
export const drawsAtRandom = (decoder: Decoder, options: OptionValues): boolean =>
  neededOptions(decoder.options, options).some(({ name }) => name === 'seed');

/**
 * The seed of one photo: of the lane's own and the photo's key alone, so that a photo's numbers are its own in whatever
 * batch it stands. In [0, 2^31), as the option has it.
 */
export function seedOf(seed: number, key: string): number {
  // FNV-1a over UTF-8, and a last mix, since keys differ at their ends.
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${seed} ${key}`)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 1;
}
