import { StudioError } from '../errors';
import type { WeightTensor } from '../networks/types';
import { type ByteSource, asSource } from './byte-source';
import { readPytorch } from './pytorch';
import { readSafetensors } from './safetensors';
import type { Checkpoint, CheckpointFile } from './types';

/** One file that holds tensors, told by its first bytes. @throws weights-invalid */
export function readCheckpointFile(name: string, input: Uint8Array | ByteSource): Checkpoint {
  const source = asSource(input);
  const head = source.read(0, Math.min(16, source.size));
  const text = new TextDecoder('latin1').decode(head);
  if (beginsLikeSafetensors(head, source.size)) return readSafetensors(source, name);
  if (text.startsWith('PK') || head[0] === 0x80) return readPytorch(source, name);
  if (text.startsWith('version https:'))
    throw new StudioError(
      'weights-invalid',
      `${name} is a pointer of Git LFS, not the file itself. Fetch it with \`git lfs pull\`, or download it from the hub's page.`,
    );
  if (/^\s*(<!doctype|<html)/i.test(text))
    throw new StudioError(
      'weights-invalid',
      `${name} is a web page, not a checkpoint (a download that asked for a login or a confirmation). Download it again in a browser.`,
    );
  return readSafetensors(source, name);
}

/** A length that fits, then `{`. Its first bytes may be those of a pickle or an archive: they only count. */
function beginsLikeSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  return new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true) <= BigInt(size - 8);
}

/**
 * A checkpoint of one file or of shards (`model-00001-of-00002.safetensors`, with or without their index,
 * `*.index.json`).
 * @throws weights-invalid, naming a shard that is missing or a tensor that two of them hold
 */
export function readCheckpoint(files: readonly CheckpointFile[]): Checkpoint {
  const shards = files.filter(({ name }) => !name.endsWith('.index.json'));
  for (const index of files)
    if (index.name.endsWith('.index.json'))
      checkIndex(
        index,
        shards.map(({ name }) => name.split('/').pop()!),
      );
  if (!shards.length) throw new StudioError('weights-invalid', 'There is no file of weights among those given.');
  const parts = shards.map(({ name, source }) => readCheckpointFile(name, source));
  if (parts.length === 1) return parts[0]!;
  const owner = new Map<string, Checkpoint>();
  for (const [i, part] of parts.entries())
    for (const name of part.names()) {
      if (owner.has(name))
        throw new StudioError(
          'weights-invalid',
          `${shards[i]!.name} holds the tensor ${name}, and so does another file: they are not shards of one checkpoint. Give the files of one model only.`,
        );
      owner.set(name, part);
    }
  const of = (name: string): Checkpoint => {
    const part = owner.get(name);
    if (!part)
      throw new StudioError(
        'weights-invalid',
        `The checkpoint has no tensor ${name}. It belongs to another architecture or version, or a shard is missing.`,
        { details: { tensor: name } },
      );
    return part;
  };
  return {
    has: (name) => owner.has(name),
    names: () => [...owner.keys()],
    get: (name) => of(name).get(name),
    info: (name) => of(name).info(name),
    raw: (name) => of(name).raw(name),
  };
}

function checkIndex({ name, source }: CheckpointFile, given: readonly string[]): void {
  if (source.size > 16 * 1024 * 1024)
    throw new StudioError(
      'weights-invalid',
      `${name} has ${source.size} bytes; an index of shards has a few hundred thousand at most.`,
    );
  let map: unknown;
  try {
    map = (JSON.parse(new TextDecoder().decode(source.read(0, source.size))) as { weight_map?: unknown }).weight_map;
  } catch (cause) {
    throw new StudioError('weights-invalid', `${name} is not JSON. Fetch it again.`, { cause });
  }
  if (typeof map !== 'object' || map === null)
    throw new StudioError('weights-invalid', `${name} has no "weight_map": it is no index of shards.`);
  const missing = [...new Set(Object.values(map))].filter((shard) => !given.includes(String(shard)));
  if (missing.length)
    throw new StudioError(
      'weights-invalid',
      `${name} names ${missing.join(', ')}, which ${missing.length > 1 ? 'are' : 'is'} not among the files given. Give all shards.`,
    );
}

/** A checkpoint under other names; tensors whose new name is undefined are left out. */
export function renamed(checkpoint: Checkpoint, rename: (name: string) => string | undefined): Checkpoint {
  const names = new Map<string, string>();
  for (const name of checkpoint.names()) {
    const as = rename(name);
    if (as !== undefined) names.set(as, name);
  }
  const of = (name: string): string => {
    const stored = names.get(name);
    if (stored === undefined)
      throw new StudioError('weights-invalid', `The checkpoint has no tensor ${name}.`, { details: { tensor: name } });
    return stored;
  };
  return {
    has: (name) => names.has(name),
    names: () => [...names.keys()],
    get: (name): WeightTensor => checkpoint.get(of(name)),
    info: (name) => checkpoint.info(of(name)),
    raw: (name) => checkpoint.raw(of(name)),
  };
}
