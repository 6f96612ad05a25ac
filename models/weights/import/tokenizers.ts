import { StudioError } from '../../errors';
import { openTokenizer } from '../../spaces/tokenizer';
import type { CheckpointFile } from '../../files/types';

/** Far above the largest of these files (3.6 MB); a compressed one may not unfold into more. */
const maxBytes = 32 * 1024 * 1024;

/** tokenizer.json of CLIP from whichever of its files there are. @throws weights-invalid */
export async function clipTokenizer(files: readonly CheckpointFile[]): Promise<Uint8Array> {
  const json = named(files, /^tokenizer\.json$/);
  const simple = named(files, /^bpe_simple_vocab/);
  const bytes = json
    ? content(json)
    : encode(clipJson(simple ? await simpleMerges(simple) : mergesOf(files), simple ? undefined : vocabOf(files)));
  checkToken(
    bytes,
    json ?? simple ?? files[0]!,
    { 'a</w>': 320, '<|startoftext|>': 49406, '<|endoftext|>': 49407 },
    "CLIP's",
  );
  return bytes;
}

/**
 * tokenizer.json of GPT-2 from whichever of its files there are, with the tokens that a model added. @throws
 * weights-invalid
 */
export async function gpt2Tokenizer(
  files: readonly CheckpointFile[],
  added: Readonly<Record<string, number>> = {},
): Promise<Uint8Array> {
  const json = named(files, /^tokenizer\.json$/);
  const bytes = json ? content(json) : encode(gpt2Json(mergesOf(files), vocabOf(files)));
  checkToken(bytes, json ?? files[0]!, { Ġthe: 262, '.': 13, '<|endoftext|>': 50256 }, "GPT-2's");
  if (!Object.keys(added).length) return bytes;
  const tokenizer = JSON.parse(new TextDecoder().decode(bytes)) as { added_tokens?: { id: number }[] };
  const own = tokenizer.added_tokens ?? [];
  const missing = Object.entries(added).filter(([, id]) => !own.some((token) => token.id === id));
  return encode({ ...tokenizer, added_tokens: [...own, ...missing.map(([content, id]) => special(content, id))] });
}

/** Refuses another model's tokenizer, by a few ids that every copy has. */
function checkToken(bytes: Uint8Array, { name }: CheckpointFile, known: Record<string, number>, whose: string): void {
  let vocab: Record<string, number> | undefined;
  try {
    vocab = (JSON.parse(new TextDecoder().decode(bytes)) as { model?: { vocab?: Record<string, number> } }).model
      ?.vocab;
  } catch (cause) {
    throw new StudioError('weights-invalid', `${name} is not JSON. Fetch it again.`, { cause });
  }
  const wrong = Object.entries(known).find(([token, id]) => vocab?.[token] !== id);
  if (wrong)
    throw new StudioError(
      'weights-invalid',
      `${name} is not ${whose} tokenizer: its token "${wrong[0]}" is ${vocab?.[wrong[0]] ?? 'missing'}, expected id ${wrong[1]}. Captions would be other words.`,
    );
  openTokenizer(bytes);
}

const named = (files: readonly CheckpointFile[], pattern: RegExp) =>
  files.find(({ name }) => pattern.test(name.split(/[\\/]/).pop()!));
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function content({ name, source }: CheckpointFile): Uint8Array {
  if (source.size > maxBytes)
    throw new StudioError(
      'weights-invalid',
      `${name} has ${source.size} bytes; a tokenizer has a few million at most.`,
    );
  return source.read(0, source.size).slice();
}

function vocabOf(files: readonly CheckpointFile[]): Record<string, number> {
  const file = named(files, /^(vocab|encoder)\.json$/);
  if (!file)
    throw new StudioError('option-invalid', 'vocab.json is missing beside merges.txt. Give both, or tokenizer.json.');
  try {
    const vocab = JSON.parse(new TextDecoder().decode(content(file))) as unknown;
    if (typeof vocab === 'object' && vocab !== null && Object.values(vocab).every((id) => Number.isInteger(id)))
      return vocab as Record<string, number>;
  } catch {
    // Said below.
  }
  throw new StudioError(
    'weights-invalid',
    `${file.name} is no vocabulary: expected one JSON object of token and id. Fetch it again.`,
  );
}

function mergesOf(files: readonly CheckpointFile[]): [string, string][] {
  const file = named(files, /^(merges|vocab)\.(txt|bpe)$/);
  if (!file)
    throw new StudioError('option-invalid', 'merges.txt is missing beside vocab.json. Give both, or tokenizer.json.');
  return pairs(
    new TextDecoder()
      .decode(content(file))
      .split('\n')
      .filter((line) => !line.startsWith('#version')),
    file.name,
  );
}

function pairs(lines: readonly string[], name: string): [string, string][] {
  return lines
    .filter((line) => line.trim())
    .map((line) => {
      const parts = line.trim().split(' ');
      if (parts.length !== 2)
        throw new StudioError(
          'weights-invalid',
          `${name}: "${line.slice(0, 40)}" is no merge of two parts. Fetch it again.`,
        );
      return parts as [string, string];
    });
}

/** OpenAI's bpe_simple_vocab_16e6.txt(.gz): CLIP takes the first 48,894 merges after a line of version. */
async function simpleMerges(file: CheckpointFile): Promise<[string, string][]> {
  const bytes = content(file);
  const text = new TextDecoder().decode(
    bytes[0] === 0x1f && bytes[1] === 0x8b ? await gunzip(bytes, file.name) : bytes,
  );
  return pairs(text.split('\n').slice(1, 49152 - 256 - 2 + 1), file.name);
}

async function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  const reader = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'))
    .getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > maxBytes)
        throw new StudioError(
          'weights-invalid',
          `${name} unfolds into more than ${maxBytes} bytes. It is not CLIP's vocabulary.`,
        );
      chunks.push(value);
    }
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    throw new StudioError('weights-invalid', `${name} is no sound gzip file. Fetch it again.`, { cause });
  }
  const out = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.byteLength;
  }
  return out;
}

/** The 256 characters by which byte-level BPE writes bytes: printable ones stand for themselves, and come first. */
function byteCharacters(): string[] {
  const own = [...range(33, 126), ...range(161, 172), ...range(174, 255)];
  const others = range(0, 255).filter((byte) => !own.includes(byte));
  return [...own.map((byte) => String.fromCharCode(byte)), ...others.map((_, i) => String.fromCharCode(256 + i))];
}
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

function special(content: string, id: number) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

/**
 * CLIP's tokenizer: lower case, words split before BPE, `</w>` at the end of a word. Ids follow the order of bytes,
 * then of merges.
 */
function clipJson(merges: [string, string][], vocab?: Record<string, number>): unknown {
  const bytes = byteCharacters();
  const tokens = [
    ...bytes,
    ...bytes.map((character) => `${character}</w>`),
    ...merges.map((pair) => pair.join('')),
    '<|startoftext|>',
    '<|endoftext|>',
  ];
  return {
    version: '1.0',
    added_tokens: [special('<|startoftext|>', 49406), special('<|endoftext|>', 49407)],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
      ],
    },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: '<|endoftext|>',
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      vocab: vocab ?? Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

function gpt2Json(merges: [string, string][], vocab: Record<string, number>): unknown {
  return {
    version: '1.0',
    added_tokens: [special('<|endoftext|>', 50256)],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      vocab,
      merges,
    },
  };
}
