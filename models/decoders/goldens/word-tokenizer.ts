/**
 * For tests: tokenizer.json of a vocabulary of whole words, ids in their order; the first stands for what is unknown.
 */
export function wordTokenizer(words: readonly string[]) {
  return {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'WhitespaceSplit' },
    post_processor: null,
    decoder: null,
    model: { type: 'WordLevel', unk_token: words[0], vocab: Object.fromEntries(words.map((word, id) => [word, id])) },
  };
}
