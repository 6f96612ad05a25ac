import { StudioError, throwIfAborted } from '../../errors';
import { toHalves } from '../../float16';
import { norm } from '../../spaces/embedding';
import { type CheckpointFile, readCheckpoint, readCheckpointFile, renamed } from '../checkpoint';
import type { LanguageModel } from '../manifest';
import { readNpy } from '../npy';
import { readGpt2 } from './gpt2';
import { captionsRole, embeddingsRole, weightsRole } from './roles';
import { importSteps } from './steps';
import { copied, dimOf, halves } from './tensors';
import type { ImportContext, ImportKind } from './types';

const source = 'dhg-wei/DeCap at 1c26934';
const batch = 256;
const maxCaptionBytes = 512 * 1024 * 1024;

/**
 * Captions, one a row: lines of a .txt, strings of a .json list, `caption`s or `captions` of .jsonl or of COCO's
 * annotations.
 */
function readCaptions({ name, source: file }: CheckpointFile): string[] {
  if (file.size > maxCaptionBytes)
    throw new StudioError(
      'option-invalid',
      `${name} has ${file.size} bytes; at most ${maxCaptionBytes} are read. Give fewer captions: a memory of 500,000 is what the authors use.`,
    );
  const text = new TextDecoder().decode(file.read(0, file.size));
  if (/\.txt$/i.test(name))
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  const from = (value: unknown): string[] => {
    if (typeof value === 'string') return [value];
    if (Array.isArray(value)) return value.flatMap(from);
    const { caption, captions, annotations } = (value ?? {}) as Record<string, unknown>;
    return from(caption ?? captions ?? annotations ?? []);
  };
  try {
    return (
      /\.jsonl$/i.test(name)
        ? text
            .split('\n')
            .filter((line) => line.trim())
            .map((line) => JSON.parse(line) as unknown)
        : [JSON.parse(text) as unknown]
    )
      .flatMap(from)
      .map((line) => line.replace(/\s+/g, ' ').trim())
      .filter(Boolean);
  } catch (cause) {
    throw new StudioError(
      'option-invalid',
      `${name} is not JSON. Expected a list of captions, objects with "caption" or "captions", or plain text with one caption a line.`,
      { cause },
    );
  }
}

/** Published embeddings [rows, dim], one for each caption. */
function readEmbeddings(file: CheckpointFile, dim: number, rows: number): (row: number) => Float32Array {
  const check = (found: number, width: number) => {
    if (width !== dim)
      throw new StudioError(
        'embedding-mismatch',
        `${file.name} holds embeddings of ${width} values, and the space has ${dim}. It was made with another CLIP.`,
      );
    if (found !== rows)
      throw new StudioError(
        'embedding-mismatch',
        `${file.name} holds ${found} embeddings for ${rows} captions. Give the captions that it was made from, in the same order.`,
      );
  };
  if (file.name.endsWith('.npy')) {
    const all = readNpy(file.source.read(0, file.source.size));
    check(all.length, all[0]!.length);
    return (row) => all[row]!;
  }
  const map = readCheckpointFile(file.name, file.source);
  const [name] = map.names();
  const { dims } = map.info(name!);
  if (map.names().length !== 1 || dims.length !== 2)
    throw new StudioError(
      'weights-invalid',
      `${file.name} holds ${map.names().length} tensors, the first of shape [${dims.join(', ')}]; expected one of [captions, ${dim}].`,
    );
  check(dims[0]!, dims[1]!);
  const { values } = map.get(name!);
  return (row) => values.subarray(row * dim, (row + 1) * dim);
}

/**
 * Rows to keep of `count`: all, or as many as wanted, evenly spread, so that the same list always gives the same
 * memory.
 */
function spread(count: number, wanted: number): number[] {
  if (!wanted || wanted >= count) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: wanted }, (_, i) => Math.floor((i * count) / wanted));
}

async function writeMemory({
  files,
  base,
  options,
  writer,
  embedTexts,
  progress,
  signal,
}: ImportContext): Promise<number> {
  const { dim } = base!.space;
  const listed = files.captions!.flatMap(readCaptions);
  const published = files.embeddings ? readEmbeddings(files.embeddings[0]!, dim, listed.length) : undefined;
  const first = new Map<string, number>();
  listed.forEach((caption, row) => first.has(caption) || first.set(caption, row));
  const distinct = [...first];
  const rows = spread(distinct.length, Number(options.memoryRows)).map((i) => distinct[i]!);
  if (!rows.length) throw new StudioError('option-invalid', 'The list holds no caption. Give one caption a line.');
  if (!published && !embedTexts) throw new StudioError('internal', 'Captions cannot be embedded here.');
  const memory = new Uint16Array(rows.length * dim);
  for (let from = 0; from < rows.length; from += batch) {
    throwIfAborted(signal);
    const part = rows.slice(from, from + batch);
    const raw = published ? part.map(([, row]) => published(row)) : await embedTexts!(part.map(([caption]) => caption));
    raw.forEach((values, i) => {
      const length = norm(values);
      if (!(length > 0) || !Number.isFinite(length))
        throw new StudioError(
          'weights-invalid',
          `The embedding of caption ${from + i + 1} has norm ${length}; expected a finite, non-zero vector.`,
        );
      memory.set(toHalves(values.map((v) => v / length)), (from + i) * dim);
    });
    progress({ sentence: importSteps.memory }, Math.min(from + batch, rows.length), rows.length);
  }
  await writer.tensors('decapMemory', 'decap-memory.safetensors', [halves('embeddings', [rows.length, dim], memory)]);
  await writer.bytes(
    'decapMemoryText',
    'decap-memory.txt',
    new TextEncoder().encode(`${rows.map(([caption]) => caption).join('\n')}\n`),
  );
  return rows.length;
}

export const decapKind: ImportKind = {
  id: 'decap',
  title: 'DeCap',
  goodAt: 'Captions in the words of any list of sentences: the memory can be of your own field.',
  adds: 'decoder',
  dims: [512],
  files: [embeddingsRole, weightsRole('weights of DeCap (coco_prefix-009.pt)'), captionsRole],
  options: [
    {
      name: 'memoryRows',
      help: 'Captions of the memory, evenly spread over the list; 0 is all. The authors take 500,000; 50,000 are embedded in minutes.',
      default: 0,
    },
  ],
  licence: 'none stated (dhg-wei/DeCap has no licence file)',
  source,
  published: [
    {
      name: 'decap-coco',
      title: 'DeCap, COCO captions',
      files: [],
      needs: 'clip-vit-b32',
      licence: 'none stated by the authors',
      page: 'https://github.com/dhg-wei/DeCap',
      note:
        "On the authors' Drive only: download coco_prefix-009.pt and the captions by hand, then import both. " +
        "A published memory (hub JoeyZoZ/MeaCap, memory/coco) can take the captions' place: give memory_captions.json and memory_clip_embeddings.pt.",
    },
  ],
  shapes: [
    'clip_project.model.0.weight [768, 512]',
    'decoder.transformer.wte.weight [50257, 768]',
    'decoder.transformer.h.0.attn.c_attn.weight [768, 2304]',
  ],
  async run(context) {
    const { files, base, writer } = context;
    const what = 'DeCap';
    const checkpoint = renamed(readCheckpoint(files.weights!), (name) =>
      name.replace(/^module\./, '').replace(/^decoder\./, ''),
    );
    const width = dimOf(checkpoint, 'transformer.wte.weight', 1, what);
    const dim = dimOf(checkpoint, 'clip_project.model.0.weight', 1, what);
    const mapper = new Map<string, readonly number[]>([
      ['clip_project.model.0.weight', [width, dim]],
      ['clip_project.model.0.bias', [width]],
    ]);
    const { sizes, tensors } = readGpt2(checkpoint, what, mapper);
    if (dim !== base!.space.dim)
      throw new StudioError(
        'embedding-mismatch',
        `DeCap here reads embeddings of ${dim} values, and the space ${base!.space.name} of ${base!.family} has ${base!.space.dim}. Spaces do not mix.`,
      );
    if (sizes.layers !== 4 || width !== 768)
      throw new StudioError(
        'weights-invalid',
        `This is no DeCap: its decoder has ${sizes.layers} layers of width ${width}; expected 4 of 768 (decoder_config.pkl).`,
      );
    const memory = await writeMemory(context);
    await writer.tensors(
      'decapMapper',
      'decap-mapper.safetensors',
      [...mapper.keys()].map((name) => copied(checkpoint, name)),
    );
    await writer.tensors('decapLm', 'decap-lm.safetensors', tensors);
    // Four heads of 192, and CLIP's tokens: the rows beyond 49,408 of its table were never trained.
    const shape = { ...sizes, heads: 4 };
    const languageModel: LanguageModel = { ...shape, bos: 49406, eos: 49407, tokenizer: base!.space.text.tokenizer };
    return {
      graphs: {
        'decap.mapper': { network: 'decap-linear', files: ['decapMapper'], settings: { dim, width } },
        'decap.lm': { network: 'gpt2', files: ['decapLm'], settings: shape },
      },
      // It was trained to say the begin token first.
      decoders: {
        decap: {
          input: 'unit',
          languageModel,
          begin: [49406],
          prefix: 1,
          memory,
          source,
          defaults: { beam: 5, maxTokens: 20, lengthPenalty: 0.7, tau: 0.01 },
        },
      },
      licence: 'DeCap: none stated by its authors',
      trainedOn: `DeCap on captions only; a memory of ${memory} sentences`,
      source,
    };
  },
};
