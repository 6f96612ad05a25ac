import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers';
import { StudioError } from '../errors';

export interface Tokenizer {
  /** Token ids of a text, without special tokens; words that it has no token for are left out. */
  encode(text: string): number[];
  /** Text of ids; special tokens are left out. */
  decode(ids: readonly number[]): string;
  /**
   * What the tokenizer's own `decode` prints: special tokens as they are written, nothing trimmed. `cleanUp`: Hugging
   * Face's clean-up of spaces (` .` → `.`, ` n't` → `n't`), which its GPT-2 does by default.
   */
  print(ids: readonly number[], cleanUp: boolean): string;
  /** Text of one token as it stands in a caption, with the space before it (GPT-2) or behind it (CLIP). */
  token(id: number): string;
  readonly size: number;
}

/** A tokenizer from the bytes of tokenizer.json (Hugging Face format). @throws weights-invalid */
export function openTokenizer(json: Uint8Array, config: Record<string, unknown> = {}): Tokenizer {
  let parsed: { model?: { vocab?: Record<string, number> } };
  try {
    parsed = JSON.parse(new TextDecoder().decode(json)) as typeof parsed;
  } catch (cause) {
    throw new StudioError('weights-invalid', 'tokenizer.json is not JSON. Restore it from the repository.', { cause });
  }
  let inner: HubTokenizer;
  try {
    inner = new HubTokenizer(parsed, config);
  } catch (cause) {
    throw new StudioError(
      'weights-invalid',
      'tokenizer.json is JSON, but describes no tokenizer (Hugging Face format, with a "model"). Restore it from the repository.',
      { cause },
    );
  }
  const cache = new Map<number, string>();
  // A language model may have more rows than the tokenizer has tokens; those say nothing.
  const textOf = (ids: readonly number[], special: boolean, cleanUp: boolean): string => {
    const known = ids.filter((id) => inner.id_to_token(id) !== undefined);
    return known.length
      ? inner.decode(known, { skip_special_tokens: !special, clean_up_tokenization_spaces: cleanUp })
      : '';
  };
  const decode = (ids: readonly number[]) => textOf(ids, false, false);
  return {
    // The library has `undefined` for a word that a vocabulary of whole words lacks, whatever stands for the unknown.
    encode: (text) =>
      inner.encode(text, { add_special_tokens: false }).ids.filter((id: number | undefined) => id !== undefined),
    decode: (ids) => decode(ids).trim(),
    print: (ids, cleanUp) => textOf(ids, true, cleanUp),
    token(id) {
      let text = cache.get(id);
      if (text === undefined) {
        // Decoded without special tokens, CLIP's words lose the space that ends them.
        text = decode([id]) && textOf([id], true, false);
        cache.set(id, text);
      }
      return text;
    },
    size: Object.keys(parsed.model?.vocab ?? {}).length,
  };
}
