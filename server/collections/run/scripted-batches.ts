import { createHash } from 'node:crypto';
import type { RunSettings } from '../../../models/collections/shards';
import type { BatchPhoto, BatchRequest } from '../../../models/collections/types';
import { StudioError, throwIfAborted } from '../../../models/errors';
import type { BatchEngine, Prepare, RunInput } from './types';

/** For tests: settings of a run of one lane. */
export const testSettings: RunSettings = {
  family: 'pocket',
  familyHash: 'f00d',
  precision: 'fp32',
  device: 'cpu',
  lanes: [{ id: 'clipcap', decoder: 'clipcap', options: { beam: 1 } }],
  embeddings: false,
  batch: 4,
  reading: 'whole',
};

/** For tests: inputs `0`, `1` … of a few bytes; `bad` ones are no pictures. `read` counts how often each was read. */
export function testInputs(count: number, bad: readonly number[] = []): (RunInput & { read: RunInput['read'] })[] {
  return Array.from({ length: count }, (_, n) => ({
    key: String(n),
    stamp: `size 1, ${n}`,
    read: async () => new Uint8Array([bad.includes(n) ? 255 : 0, n >> 8, n & 255]),
  }));
}

export const testPrepare: Prepare = async (bytes) => {
  if (bytes[0] === 255) throw new StudioError('image-unreadable', 'It is not a picture.');
  return { image: { width: 1, height: 1, views: { test: Float32Array.from(bytes) } } };
};

type How = {
  /** Called before a batch is answered; what it throws the batch fails with. */
  before?: (keys: readonly string[]) => void | Promise<void>;
  /** Lane errors by key. */
  laneFails?: ReadonlySet<string>;
};

/**
 * For tests: an engine whose caption follows from the photo's values, the lane and its options. `asked` has the keys of
 * every batch that it answered.
 */
export class ScriptedBatches implements BatchEngine {
  readonly asked: string[][] = [];

  constructor(
    private readonly how: How = {},
    readonly width = 1,
  ) {}

  readonly captionBatch: BatchEngine['captionBatch'] = async (request, { signal }) => {
    throwIfAborted(signal);
    const keys = request.photos.map(({ key }) => key);
    // As they go over to a thread, pixels are gone here.
    const photos = request.photos.map((given) => {
      const values = 'image' in given ? Object.values(given.image.views)[0]! : given.embedding.values;
      return { key: given.key, values: structuredClone(values, { transfer: [values.buffer as ArrayBuffer] }) };
    });
    await this.how.before?.(keys);
    throwIfAborted(signal);
    this.asked.push(keys);
    return {
      family: request.family,
      familyHash: 'f00d',
      space: request.family,
      device: { name: 'cpu' },
      precision: 'fp32',
      lanes: request.lanes,
      photos: photos.map((photo) => this.#answer(request, photo)),
    };
  };

  #answer(
    { lanes, includeEmbedding }: BatchRequest,
    { key, values }: { key: string; values: Float32Array },
  ): BatchPhoto {
    return {
      key,
      ...(includeEmbedding ? { embedding: values } : {}),
      rows: lanes.map(({ id, decoder, options }) =>
        this.how.laneFails?.has(key)
          ? { lane: id, decoder, error: { code: 'internal', message: 'This lane met a fault.' } }
          : {
              lane: id,
              decoder,
              caption: createHash('sha256')
                .update(JSON.stringify([id, options, [...values]]))
                .digest('hex')
                .slice(0, 8),
            },
      ),
    };
  }
}
