import { StudioError, type ErrorData } from '../models/errors';
import type { Device, Precision } from '../models/runtime/types';
import { canonicalJson } from './canonical';
import type { ComparisonStatus, ComparisonView, LaneView, StreamItem } from './comparison';

/**
 * The files that an export writes. The number goes up when an older studio could not read a file; older files are read.
 * Version 2 knows the
 * modality of a given embedding and reference captions, version 3 ratings of lanes; where a comparison has none of
 * them, it reads as in
 * version 1 and has the same hash.
 */
export const recordFormat = { format: 'caption-studio', version: 3 } as const;

/** A picture as files hold it. */
export type Picture = { mime: 'image/png' | 'image/jpeg'; base64: string };

/** What names a picture: pixels of one that is kept without loss (whoever encodes it), bytes of a JPEG. */
export type PictureDigest = { width: number; height: number; of: 'pixels' | 'file'; sha256: string };

/**
 * A comparison apart from the place where it is kept: all that draws its views and runs it again. Its content hash is
 * the SHA-256 of
 * its canonical JSON, so the same comparison has the same hash in every studio.
 */
export type ComparisonRecord = {
  createdAt: string;
  endedAt: string | null;
  status: Exclude<ComparisonStatus, 'queued' | 'running'>;
  title: string;
  note: string;
  family: string;
  familyHash: string | null;
  weightHashes: Record<string, string> | null;
  appVersion: string | null;
  precision: Precision | null;
  device: Device | null;
  input: 'image' | 'sample' | 'embedding';
  computedBy: 'server' | 'client';
  picture: PictureDigest | null;
  embedding: number[] | null;
  /** Left out for a picture. */
  modality?: 'image' | 'text';
  /** Left out where there are none. */
  references?: string[];
  error: ErrorData | null;
  lanes: LaneView[];
  items: StreamItem[];
};
/** One comparison of a file, with the bytes of its picture beside it. */
export type ExportedComparison = { hash: string; comparison: ComparisonRecord; picture: Picture | null };

/** What an export holds of a comparison. @throws option-invalid while it still runs */
export function recordOf(view: ComparisonView, picture: PictureDigest | null): ComparisonRecord {
  if (view.status === 'queued' || view.status === 'running')
    throw new StudioError('option-invalid', 'This comparison still runs. Export it when it is done, or stop it first.');
  return {
    createdAt: view.createdAt.toISOString(),
    endedAt: view.endedAt?.toISOString() ?? null,
    status: view.status,
    title: view.title,
    note: view.note,
    family: view.family,
    familyHash: view.familyHash,
    weightHashes: view.weightHashes,
    appVersion: view.appVersion,
    precision: view.precision,
    device: view.device,
    input: view.input,
    computedBy: view.computedBy,
    picture,
    embedding: view.embedding,
    ...(view.modality ? { modality: view.modality } : {}),
    ...(view.references.length ? { references: view.references } : {}),
    error: view.error,
    lanes: view.lanes,
    items: view.items,
  };
}

/** The text of a file, piece by piece; `hashOfHashes` is told those of the comparisons in their order. */
export async function* recordFile(
  comparisons: AsyncIterable<ExportedComparison>,
  hashOfHashes: (joined: string) => string | Promise<string>,
): AsyncGenerator<string> {
  const hashes: string[] = [];
  yield `{"format":"${recordFormat.format}","version":${recordFormat.version},"comparisons":[`;
  for await (const exported of comparisons) {
    yield `${hashes.length ? ',' : ''}\n${canonicalJson(exported)}`;
    hashes.push(exported.hash);
  }
  yield `\n],"hash":"${await hashOfHashes(hashes.join('\n'))}"}\n`;
}
