import { StudioError } from '../errors';
import { capdec } from './capdec';
import { clipcap } from './clipcap';
import { coca } from './coca';
import { decap } from './decap';
import { iterative } from './iterative';
import { nearest } from './options';
import type { Decoder } from './types';

/** All decoders in the order in which they are shown. */
export const decoders: readonly Decoder[] = [iterative, clipcap, capdec, decap, coca];

/** @throws decoder-unknown, naming the nearest known one. */
export function decoderNamed(name: string): Decoder {
  const decoder = decoders.find((known) => known.name === name);
  if (decoder) return decoder;
  const known = decoders.map((d) => d.name);
  const near = nearest(name, known);
  throw new StudioError(
    'decoder-unknown',
    `There is no decoder "${name}".${near ? ` Did you mean "${near}"?` : ''} Known are ${known.join(', ')}.`,
  );
}
