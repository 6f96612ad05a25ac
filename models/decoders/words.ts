import type { DecoderWords } from './decoder-words';
import { capdecWords } from './capdec/words';
import { clipcapWords } from './clipcap/words';
import { cocaWords } from './coca/words';
import { decapWords } from './decap/words';
import { iterativeWords } from './iterative/words';

/** What is said of each decoder of registry.ts, in its order, for a page that does not load the engine. */
export const decoderWords: readonly DecoderWords[] = [iterativeWords, clipcapWords, capdecWords, decapWords, cocaWords];
