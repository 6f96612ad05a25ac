import { memoryFiles } from '../../decoders/decap/memory';
import { StudioError, throwIfAborted } from '../../errors';
import { toHalves } from '../../float16';
import { norm } from '../../spaces/embedding';
import { type CheckpointFile } from '../../files/types';
import { readCheckpointFile } from '../../files/checkpoint';
import { readNpy } from '../../files/npy';
import { importSteps } from './steps';
import { floats, halves } from './tensors';
import type { ImportContext } from './types';

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

type Published = (row: number) => Float32Array;

/** Published embeddings [rows, dim], one for each caption. */
function readEmbeddings(file: CheckpointFile, dim: number, rows: number): Published {
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
  if (/\.npy$/i.test(file.name)) {
    const all = readNpy(file.source.read(0, file.source.size), file.name);
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

type Row = { caption: string; /** Its first place in the list. */ at: number; repeats: number };

/**
 * The rows of a memory: each caption once, with how often the list says it. The softmax over the list is exactly that
 * over these rows, each weighed by its repeats. Where published embeddings of one caption differ, each stays a row.
 */
function distinctRows(listed: readonly string[], places: readonly number[], published?: Published): Row[] {
  const rows: Row[] = [];
  const known = new Map<string, Row[]>();
  for (const at of places) {
    const caption = listed[at]!;
    const same = known.get(caption) ?? [];
    known.set(caption, same);
    const row = same.find((one) => !published || equal(published(one.at), published(at)));
    if (row) row.repeats++;
    else {
      const fresh = { caption, at, repeats: 1 };
      rows.push(fresh);
      same.push(fresh);
    }
  }
  return rows;
}
const equal = (a: Float32Array, b: Float32Array) => a.every((v, i) => v === b[i]);

/**
 * Writes DeCap's memory: `embeddings` [rows, dim] of norm 1 in half precision, `repeats` [rows], and the captions.
 * @throws option-invalid (no caption), embedding-mismatch, weights-invalid, cancelled
 */
export async function writeMemory({
  files,
  base,
  options,
  writer,
  embedTexts,
  progress,
  signal,
}: ImportContext): Promise<{ rows: number; captions: number }> {
  const { dim } = base!.space;
  const listed = files.captions!.flatMap(readCaptions);
  const published = files.embeddings ? readEmbeddings(files.embeddings[0]!, dim, listed.length) : undefined;
  const places = spread(listed.length, Number(options.memoryRows));
  const rows = distinctRows(listed, places, published);
  if (!rows.length) throw new StudioError('option-invalid', 'The list holds no caption. Give one caption a line.');
  if (!published && !embedTexts) throw new StudioError('internal', 'Captions cannot be embedded here.');
  const memory = new Uint16Array(rows.length * dim);
  for (let from = 0; from < rows.length; from += batch) {
    throwIfAborted(signal);
    const part = rows.slice(from, from + batch);
    const raw = published ? part.map(({ at }) => published(at)) : await embedTexts!(part.map(({ caption }) => caption));
    raw.forEach((values, i) => {
      const length = norm(values);
      if (!(length > 0) || !Number.isFinite(length))
        throw new StudioError(
          'weights-invalid',
          `The embedding of caption ${part[i]!.at + 1} has norm ${length}; expected a finite, non-zero vector.`,
        );
      memory.set(toHalves(values.map((v) => v / length)), (from + i) * dim);
    });
    progress({ sentence: importSteps.memory }, Math.min(from + batch, rows.length), rows.length);
  }
  await writer.tensors(memoryFiles.rows, 'decap-memory.safetensors', [
    halves('embeddings', [rows.length, dim], memory),
    floats(
      'repeats',
      [rows.length],
      Float32Array.from(rows, ({ repeats }) => repeats),
    ),
  ]);
  await writer.bytes(
    memoryFiles.text,
    'decap-memory.txt',
    new TextEncoder().encode(`${rows.map(({ caption }) => caption).join('\n')}\n`),
  );
  return { rows: rows.length, captions: places.length };
}
