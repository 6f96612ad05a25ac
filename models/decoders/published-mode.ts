import type { Search, SearchInput } from '../search/types';
import type { PublishedText } from './published-text';
import type { OptionValues } from './option-spec';

/** A way of decoding that follows its authors' code token for token, named after source and version. */
export type PublishedMode = {
  name: string;
  /** What the code does, where it differs from the studio's own ways. */
  does: string;
  /** Names its search, one that several decoders share or one of its own (`walk`). */
  search: string;
  beam?: number;
  maxTokens: number;
  candidates?: number;
  degeneration?: number;
  guidance?: number;
  /** How its code writes captions, and the candidates that it scores. */
  text: PublishedText;
  /** Its photo is cut as Hugging Face's CLIPProcessor cuts it, where the others' is cut as torchvision does. */
  crop?: 'hugging-face';
  /** A search of its own, with what it leaves to the options. */
  walk?(input: SearchInput, options: OptionValues): Search;
};
