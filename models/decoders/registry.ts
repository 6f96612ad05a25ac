import { capdec } from './capdec';
import { clipcap } from './clipcap';
import { coca } from './coca';
import { decap } from './decap';
import { iterative } from './iterative';
import type { Decoder } from './types';

/** All decoders in the order in which they are shown; words.ts has the same. */
export const decoders: readonly Decoder[] = [iterative, clipcap, capdec, decap, coca];
