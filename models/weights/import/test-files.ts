// Test support: checkpoints of real shapes without their bytes, and sinks.
// eslint-disable-next-line no-restricted-imports
import { createHash } from 'node:crypto';
import type { ByteSource } from '../../files/byte-source';
import type { CheckpointFile } from '../../files/types';
import type { ImportSink } from './types';

/** A safetensors file of fp16 zeros: its header is real, its tensors are made when they are read. */
export function emptyWeights(name: string, shapes: ReadonlyMap<string, readonly number[]>): CheckpointFile {
  const header: Record<string, unknown> = {};
  let offset = 0;
  for (const [key, dims] of shapes) {
    const size = 2 * dims.reduce((product, n) => product * n, 1);
    header[key] = { dtype: 'F16', shape: dims, data_offsets: [offset, offset + size] };
    offset += size;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const head = new Uint8Array(8 + json.length);
  new DataView(head.buffer).setBigUint64(0, BigInt(json.length), true);
  head.set(json, 8);
  const source: ByteSource = {
    size: head.length + offset,
    read(from, length) {
      const bytes = new Uint8Array(length);
      if (from < head.length) bytes.set(head.subarray(from, from + length));
      return bytes;
    },
  };
  return { name, source };
}

export const file = (name: string, content: string | Uint8Array): CheckpointFile => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { name, source: { size: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) } };
};

/** A tokenizer.json that has a known few tokens at their right ids. */
export function smallTokenizer(tokens: Record<string, number>): CheckpointFile {
  return file(
    'tokenizer.json',
    JSON.stringify({
      version: '1.0',
      added_tokens: [],
      normalizer: null,
      pre_tokenizer: null,
      post_processor: null,
      decoder: null,
      model: { type: 'BPE', vocab: tokens, merges: [] },
    }),
  );
}
export const clipTokens = smallTokenizer({ 'a</w>': 320, '<|startoftext|>': 49406, '<|endoftext|>': 49407 });
export const gpt2Tokens = smallTokenizer({ Ġthe: 262, '.': 13, '<|endoftext|>': 50256 });

/** Keeps small files, counts large ones. */
export class MemorySink implements ImportSink {
  readonly files = new Map<string, { bytes: number; content?: Uint8Array }>();
  readonly kept: string[] = [];

  async create(path: string) {
    const chunks: Uint8Array[] = [];
    const hash = createHash('sha256');
    let bytes = 0;
    return {
      write: async (chunk: Uint8Array) => {
        bytes += chunk.byteLength;
        if (bytes < 4_000_000) {
          chunks.push(chunk.slice());
          hash.update(chunk);
        }
      },
      close: async () => {
        this.files.set(path, {
          bytes,
          ...(bytes < 4_000_000 ? { content: new Uint8Array(Buffer.concat(chunks)) } : {}),
        });
        return { bytes, sha256: hash.digest('hex') };
      },
    };
  }
  async keep(path: string) {
    this.kept.push(path);
  }
}
