import { StudioError } from '../errors';
import { nearest } from './options';
import { decoders } from './registry';
import type { Decoder } from './types';

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
