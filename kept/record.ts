import { StudioError } from '../models/errors';
import { canonicalJson } from '../models/canonical';
import type { ComparisonView } from './comparison';
import type { ComparisonRecord, ExportedComparison, LaneRecord, PictureDigest } from './record-schema';

/**
 * The files that an export writes. The number goes up when an older studio could not read a file; older files are read.
 * Version 2 knows the modality of a given embedding and reference captions, version 3 ratings of lanes, version 4 what
 * a person says of the photo, version 5 the cosines of that and which sample was given; where a comparison has none of
 * them, it reads as in version 1 and has the same hash.
 */
export const recordFormat = { format: 'caption-studio', version: 5 } as const;

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
    ...(view.sample ? { sample: view.sample } : {}),
    computedBy: view.computedBy,
    picture,
    embedding: view.embedding,
    ...(view.modality ? { modality: view.modality } : {}),
    ...(view.references.length ? { references: view.references } : {}),
    ...(view.said.length ? { said: view.said } : {}),
    error: view.error,
    // What has ended has no lane that waits or runs.
    lanes: view.lanes as LaneRecord[],
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
