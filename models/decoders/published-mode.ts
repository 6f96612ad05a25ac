import type { OpenClipBeamOptions } from '../search/open-clip-beam';
import type { PublishedText } from './published-text';

/** What CoCa's modes say beside the rest: how sums are made, or which of the options thins out the tokens. */
export type OpenClipMode = { beam: OpenClipBeamOptions } | { sample: 'topK' | 'topP'; minLength: number };

/** A way of decoding that follows its authors' code token for token, named after source and version. */
export type PublishedMode = {
  name: string;
  /** What the code does, where it differs from the studio's own ways. */
  does: string;
  search: 'clipcap-beam' | 'published-greedy' | 'magic' | 'open-clip-beam' | 'open-clip-sample';
  beam?: number;
  maxTokens: number;
  candidates?: number;
  degeneration?: number;
  guidance?: number;
  /** How its code writes captions, and the candidates that it scores. */
  text: PublishedText;
  /** Its photo is cut as Hugging Face's CLIPProcessor cuts it, where the others' is cut as torchvision does. */
  crop?: 'hugging-face';
  /** Of open_clip's CoCa (coca/modes.ts). */
  openClip?: OpenClipMode;
};
