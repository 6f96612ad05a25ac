import type { FileRole } from './types';

const isOffset = (name: string) => /centers|offset/i.test(name);
const isEmbeddings = (name: string) => /embedding/i.test(name) && !isOffset(name);

export const weightsRole = (title: string): FileRole => ({
  role: 'weights',
  title: `${title} (.safetensors, .pt, .pth or .bin; shards with their .index.json)`,
  required: true,
  matches: (name) =>
    /\.(safetensors|pt|pth|bin|ckpt)$|\.index\.json$/i.test(name) && !isOffset(name) && !isEmbeddings(name),
});
export const gpt2TokenizerRole: FileRole = {
  role: 'tokenizer',
  title: "GPT-2's tokenizer.json, or vocab.json and merges.txt",
  required: true,
  matches: (name) => /^(tokenizer|vocab|encoder)\.json$|^(merges|vocab)\.(txt|bpe)$/.test(name),
};
export const clipTokenizerRole = (required: boolean): FileRole => ({
  role: 'tokenizer',
  title: "CLIP's tokenizer.json, or vocab.json and merges.txt, or bpe_simple_vocab_16e6.txt(.gz)",
  required,
  matches: (name) => /^(tokenizer|vocab)\.json$|^merges\.txt$|^bpe_simple_vocab_16e6\.txt(\.gz)?$/.test(name),
});
export const configRole: FileRole = {
  role: 'config',
  title: 'config.json of Hugging Face or open_clip_config.json, which names the activation',
  required: false,
  matches: (name) => /^(open_clip_)?config\.json$/.test(name),
};
export const offsetRole: FileRole = {
  role: 'offset',
  title: 'the modality offset (CLIP_embeddings_centers_info.pkl, or a .safetensors, .pt or .npy called offset)',
  required: false,
  matches: isOffset,
};
export const captionsRole: FileRole = {
  role: 'captions',
  title: 'captions for the text memory: .txt (one a line), .json or .jsonl',
  required: true,
  matches: (name) => /\.(txt|jsonl|json)$/i.test(name),
};
export const embeddingsRole: FileRole = {
  role: 'embeddings',
  title: 'published embeddings of those captions in the same order (a .pt, .npy or .safetensors called embeddings)',
  required: false,
  matches: isEmbeddings,
};
