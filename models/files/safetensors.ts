import { StudioError } from '../errors';
import type { WeightMap, WeightTensor } from '../networks/types';
import { asSource, type ByteSource } from './byte-source';
import type { Checkpoint } from './types';
import { elementBytes, isElementType, widen, type ElementType } from './element-types';

type Entry = { dtype: ElementType; shape: number[]; data_offsets: [number, number] };
/** A safetensors file with the texts of its `__metadata__`. */
export type SafetensorsFile = Checkpoint & { metadata: Readonly<Record<string, string>> };
/** Headers of real checkpoints have a few hundred thousand bytes. */
const maxHeaderBytes = 32 * 1024 * 1024;

/**
 * Reads a safetensors file (8-byte little-endian header length, JSON header, tensors). Tensors are widened to fp32 when
 * asked for.
 * A hostile file (truncated, overlapping, absurd shapes) is refused by name. @throws weights-invalid
 */
export function readSafetensors(input: Uint8Array | ByteSource, file = 'safetensors file'): SafetensorsFile {
  const source = asSource(input);
  const invalid = (what: string) =>
    new StudioError('weights-invalid', `${file} is not a sound safetensors file: ${what}. Fetch it again.`);
  if (source.size < 8) throw invalid(`it has ${source.size} bytes, a header alone needs 8`);
  const length = source.read(0, 8);
  const headerBytes = Number(new DataView(length.buffer, length.byteOffset, 8).getBigUint64(0, true));
  if (headerBytes > maxHeaderBytes || 8 + headerBytes > source.size)
    throw invalid(`its header claims ${headerBytes} bytes of ${source.size}`);
  let header: Record<string, Entry>;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(source.read(8, headerBytes))) as Record<
      string,
      Entry
    >;
  } catch (cause) {
    throw new StudioError(
      'weights-invalid',
      `${file} is not a sound safetensors file: its header is not JSON. Fetch it again.`,
      { cause },
    );
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw invalid('its header is not an object');
  const start = 8 + headerBytes;
  const entries = new Map<string, Entry>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    checkEntry(name, entry, source.size - start, invalid);
    entries.set(name, entry);
  }
  const texts: object = header.__metadata__ ?? {};
  const metadata = Object.fromEntries(
    Object.entries(texts).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  let end = 0;
  for (const [name, { data_offsets }] of [...entries].sort((a, b) => a[1].data_offsets[0] - b[1].data_offsets[0])) {
    if (data_offsets[0] < end) throw invalid(`tensor ${name} overlaps its neighbour`);
    end = data_offsets[1];
  }
  const of = (name: string): Entry => {
    const entry = entries.get(name);
    if (!entry) throw missing(name, file);
    return entry;
  };
  const bytesOf = ({ data_offsets: [from, to] }: Entry) => source.read(start + from, to - from);
  return {
    metadata,
    has: (name) => entries.has(name),
    names: () => [...entries.keys()],
    get(name) {
      const entry = of(name);
      return { dims: entry.shape, values: widen(bytesOf(entry), entry.dtype) };
    },
    info: (name) => ({ dims: of(name).shape, type: of(name).dtype }),
    raw: (name) => ({ dims: of(name).shape, type: of(name).dtype, bytes: bytesOf(of(name)) }),
  };
}

function checkEntry(name: string, entry: Entry, available: number, invalid: (what: string) => StudioError): void {
  const size = entry && isElementType(entry.dtype) ? elementBytes[entry.dtype] : undefined;
  if (!size)
    throw invalid(`tensor ${name} has type ${String(entry?.dtype)}; known are ${Object.keys(elementBytes).join(', ')}`);
  const { shape, data_offsets: offsets } = entry;
  const count = (n: unknown): n is number => Number.isSafeInteger(n) && (n as number) >= 0;
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every(count))
    throw invalid(`tensor ${name} has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(count))
    throw invalid(`tensor ${name} has no valid offsets`);
  const [from, to] = offsets;
  if (to < from || to > available)
    throw invalid(`tensor ${name} reaches to byte ${to} of ${available} (is the file cut?)`);
  const elements = shape.reduce((product, n) => product * n, 1);
  if (!Number.isSafeInteger(elements) || elements * size !== to - from)
    throw invalid(`tensor ${name} of shape [${shape.join(', ')}] needs ${elements * size} bytes and has ${to - from}`);
}

/** Several checkpoints read as one; the first that has a key wins. */
export function mergeWeights(...maps: readonly WeightMap[]): WeightMap {
  const owner = (name: string) => maps.find((map) => map.has(name));
  return {
    has: (name) => owner(name) !== undefined,
    names: () => [...new Set(maps.flatMap((map) => [...map.names()]))],
    get(name): WeightTensor {
      const map = owner(name);
      if (!map) throw missing(name, 'the checkpoint');
      return map.get(name);
    },
  };
}

function missing(name: string, file: string): StudioError {
  return new StudioError(
    'weights-invalid',
    `${file} has no tensor ${name}. It belongs to another architecture or version.`,
    { details: { tensor: name } },
  );
}

/** Writes fp32 tensors as a safetensors file (embeddings and maps that leave the studio; fixtures of tests). */
export function writeSafetensors(
  tensors: Record<string, WeightTensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, Entry | Readonly<Record<string, string>>> = metadata ? { __metadata__: metadata } : {};
  let offset = 0;
  const starts: number[] = [];
  for (const [name, { dims, values }] of Object.entries(tensors)) {
    starts.push(offset);
    header[name] = { dtype: 'F32', shape: [...dims], data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(json.length / 8) * 8;
  const out = new Uint8Array(8 + padded + offset);
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true);
  out.fill(0x20, 8, 8 + padded);
  out.set(json, 8);
  Object.values(tensors).forEach(({ values }, i) =>
    out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), 8 + padded + starts[i]!),
  );
  return out;
}
