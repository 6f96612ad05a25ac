import type { Tokenizer } from '../spaces/tokenizer';

/** The text of token ids as the code of a decoder's authors prints it. */
export type PublishedText = (tokenizer: Tokenizer, ids: readonly number[]) => string;

/** `tokenizer.decode` of Hugging Face's GPT-2: spaces cleaned up, a leading one kept, special tokens written out. */
export const huggingFaceText: PublishedText = (tokenizer, ids) => tokenizer.print(ids, true);

/** CapDec writes the same in lower case. */
export const lowerCaseText: PublishedText = (tokenizer, ids) => huggingFaceText(tokenizer, ids).toLowerCase();

/** DeCap: `decode` of CLIP's tokenizer, begin and end token taken out of the text; a space follows every word. */
export const clipText: PublishedText = (tokenizer, ids) =>
  tokenizer.print(ids, false).replaceAll('<|startoftext|>', '').replaceAll('<|endoftext|>', '');

/** MAGIC: Hugging Face's `decode` without its begin token, white space made single and trimmed. */
export const magicText: PublishedText = (tokenizer, ids) =>
  huggingFaceText(tokenizer, ids).replaceAll('<-start_of_text->', '').split(/\s+/).filter(Boolean).join(' ');

/** CoCa, as open_clip's README prints: `decode` of its tokenizer up to the end token; a space follows every word. */
export const openClipText: PublishedText = (tokenizer, ids) =>
  tokenizer.print(ids, false).split('<|endoftext|>')[0]!.replaceAll('<|startoftext|>', '');
