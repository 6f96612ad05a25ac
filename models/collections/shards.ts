import { canonicalJson } from '../canonical';
import type { LaneRequest } from '../lanes/request';
import type { DeviceName, Precision } from '../runtime/types';
import { sha256 } from '../weights/verify';

/** An input as far as its work depends on it: what it is called, and what says that it is the same as before. */
export type NamedInput = { readonly key: string; readonly stamp: string };

/** All that the rows of an input depend on beside the input. Two runs of the same settings write the same rows. */
export type RunSettings = {
  family: string;
  /** SHA-256 of the family's files. */
  familyHash: string;
  precision: Precision;
  device: DeviceName;
  /** With all their options; none where embeddings alone are wanted. */
  lanes: readonly LaneRequest[];
  /** Whether raw embeddings are kept. */
  embeddings: boolean;
  /** Photos that go through the models side by side. */
  batch: number;
  /** Whether photos are decoded as their files have them, or JPEGs smaller where that is faster. */
  reading: 'whole' | 'shrunk';
};

/** Photos of a batch. More of them make a run of a model hardly faster, and hold more memory. */
export const batchSize = 32;

/** Part of a run that is worked by one worker and written once. */
export type Shard = { position: number; first: number; count: number };

/** Inputs of a shard, unless somebody asks for another number. */
export const shardSize = 1_000;

/** `total` inputs in parts of `size`, in order. */
export const partsOf = (total: number, size: number): Shard[] =>
  Array.from({ length: Math.ceil(total / size) }, (_, position) => ({
    position,
    first: position * size,
    count: Math.min(size, total - position * size),
  }));

/**
 * What a shard is called: the same inputs by the same settings have the same name, so that doing them again overwrites
 * what was done. Where the shard lies in its run does not matter.
 */
export const shardName = (inputs: readonly NamedInput[], settings: RunSettings): Promise<string> =>
  hashOf({ settings, inputs: inputs.map(({ key, stamp }) => [key, stamp]) });

/** What a run is called, from its shards, and of others than the machine's own person from whose it is. */
export const runName = (shards: readonly string[], ownerId?: string): Promise<string> =>
  hashOf({ shards, ...(ownerId === undefined ? {} : { ownerId }) });

/** The settings of a run: what is not asked for is as most runs have it. */
export const runSettings = (
  wish: Omit<RunSettings, 'batch' | 'reading' | 'embeddings'> & { embeddings?: boolean; exact?: boolean },
): RunSettings => {
  const { family, familyHash, precision, device, lanes, embeddings = false, exact = false } = wish;
  return {
    family,
    familyHash,
    precision,
    device,
    lanes,
    embeddings,
    batch: batchSize,
    reading: exact ? 'whole' : 'shrunk',
  };
};

const hashOf = (value: unknown) => sha256(new TextEncoder().encode(canonicalJson(value)));

const words: Readonly<Record<Exclude<keyof RunSettings, 'lanes'>, string>> = {
  family: 'the family',
  familyHash: "the family's weights (SHA-256)",
  precision: 'the precision',
  device: 'the device',
  embeddings: 'whether embeddings are kept',
  batch: 'the photos of a batch',
  reading: 'how photos are decoded',
};

const told = (option: unknown) => (option === undefined ? 'not set' : canonicalJson(option));

/** In what the settings of two runs differ, for people: `the precision was fp32 and is q8`. */
export function differences(before: RunSettings, now: RunSettings): string[] {
  const plain = (Object.keys(words) as (keyof typeof words)[])
    .filter((key) => before[key] !== now[key])
    .map((key) => `${words[key]} was ${String(before[key])} and is ${String(now[key])}`);
  const [was, is] = [before, now].map(({ lanes }) => new Map(lanes.map((lane) => [lane.id, lane])));
  const lanes = [...new Set([...was!.keys(), ...is!.keys()])].flatMap((id) => {
    const [one, other] = [was!.get(id), is!.get(id)];
    if (!one || !other) return [`${id} ${one ? 'ran and does not run now' : 'did not run and runs now'}`];
    if (one.decoder !== other.decoder) return [`${id} was ${one.decoder} and is ${other.decoder}`];
    const [old, fresh] = [one.options ?? {}, other.options ?? {}];
    return [...new Set([...Object.keys(old), ...Object.keys(fresh)])]
      .filter((name) => canonicalJson(old[name]) !== canonicalJson(fresh[name]))
      .map((name) => `${id}.${name} was ${told(old[name])} and is ${told(fresh[name])}`);
  });
  const order = [was, is].map((ids) => [...ids!.keys()].join(', '));
  return plain.length + lanes.length || order[0] === order[1]
    ? [...plain, ...lanes]
    : [`the lanes were ${order[0]} and are ${order[1]}`];
}
