import type { RunSettings } from '../../../models/collections/shards';
import type { BatchInput, BatchPhoto } from '../../../models/collections/types';
import { type ErrorCode, StudioError } from '../../../models/errors';
import { told } from '../../errors/told';
import type { ReadPhoto } from './read-ahead';
import type { PhotoRow } from './shard-files';
import type { BatchEngine } from './types';

/** What goes wrong with one photo, or with an engine that one photo brought down. Anything else is wrong for all. */
const ofPhotos = new Set<ErrorCode>([
  'device-failed',
  'device-lost',
  'internal',
  'image-unreadable',
  'image-too-large',
  'embedding-invalid',
]);

/**
 * The rows of a batch. Photos that could not be read are left out of the engine's batch. Where the whole batch fails,
 * its photos are tried once more, each alone: the one that fails again is named and its neighbours have their rows.
 * Where all of them fail, it is not the photos.
 * @param again reads a photo anew: its pixels went to the engine
 * @throws cancelled, and whatever is wrong for all photos
 */
export async function answerBatch(
  engine: BatchEngine,
  { family, precision, lanes, embeddings }: RunSettings,
  photos: readonly ReadPhoto[],
  again: (key: string) => Promise<ReadPhoto>,
  signal?: AbortSignal,
): Promise<PhotoRow[]> {
  const read = photos.filter((photo): photo is BatchInput => !('error' in photo));
  const ask = async (some: readonly BatchInput[]) =>
    (
      await engine.captionBatch(
        { family, precision, lanes, photos: some, ...(embeddings ? { includeEmbedding: true } : {}) },
        { signal },
      )
    ).photos.map(rowOf);
  const answered = new Map<string, PhotoRow>();
  const keep = (rows: PhotoRow[]) => rows.forEach((row) => answered.set(row.key, row));
  if (read.length)
    try {
      keep(await ask(read));
    } catch (error) {
      demandOfPhotos(error);
      let last: StudioError | undefined;
      let failed = 0;
      for (const { key } of read)
        try {
          const photo = await again(key);
          keep('error' in photo ? [{ ...photo, rows: [] }] : await ask([photo]));
        } catch (twice) {
          last = demandOfPhotos(twice);
          failed++;
          const message = `The engine failed on this photo twice. ${last.message}`;
          answered.set(key, { key, rows: [], error: { code: last.code, message } });
        }
      if (last && failed === read.length && failed > 1) throw last;
    }
  return photos.map((photo) =>
    'error' in photo ? { key: photo.key, rows: [], error: photo.error } : answered.get(photo.key)!,
  );
}

function demandOfPhotos(error: unknown): StudioError {
  const fault = told(error);
  if (!ofPhotos.has(fault.code)) throw fault;
  return fault;
}

function rowOf({ key, rows, embedding, error }: BatchPhoto): PhotoRow {
  if (error) return { key, rows: [], error: { code: error.code, message: error.message } };
  return {
    key,
    rows: rows.map((row) =>
      row.error ? { ...row, error: { code: row.error.code, message: row.error.message } } : row,
    ),
    ...(embedding
      ? { embedding: Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength).toString('base64') }
      : {}),
  };
}

/** The float32 values of a row's embedding, as bytes. */
export const embeddingBytes = ({ embedding }: PhotoRow): Uint8Array | undefined =>
  embedding === undefined ? undefined : Buffer.from(embedding, 'base64');
