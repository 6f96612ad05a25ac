import { StudioError } from '../../models/errors';
import type { ImageStore } from '../comparisons/images';
import type { ComparisonView } from '../trpc/types';
import { canonicalJson, contentHash, sha256 } from './canonical';
import { pictureDigest } from './picture';
import { recordFormat, type ComparisonRecord, type ExportedComparison } from './record';

export type ExportSource = {
  images: ImageStore;
  /** @throws not-found */
  view: (id: string) => Promise<ComparisonView>;
};

/** A comparison with its picture, ready to be written anywhere. @throws not-found, option-invalid while it still runs */
export async function exportedComparison(source: ExportSource, id: string): Promise<ExportedComparison> {
  const view = await source.view(id);
  if (view.status === 'queued' || view.status === 'running') throw new StudioError('option-invalid', 'This comparison still runs. Export it when it is done, or stop it first.');
  const kept = view.image && (await source.images.file(view.image.id, false));
  const comparison: ComparisonRecord = {
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
    picture: kept && (await pictureDigest(kept)),
    embedding: view.embedding,
    error: view.error,
    lanes: view.lanes,
    items: view.items,
  };
  return { hash: contentHash(comparison), comparison, picture: kept && { mime: kept.mime as 'image/png' | 'image/jpeg', base64: Buffer.from(kept.bytes).toString('base64') } };
}

/** Hash of a whole file: over the hashes of its comparisons, in their order. */
export const fileHash = (hashes: readonly string[]) => sha256(hashes.join('\n'));

/** The file of an export, piece by piece: at no time is more than one comparison in memory. */
export async function* exportFile(source: ExportSource, ids: readonly string[]): AsyncGenerator<string> {
  const hashes: string[] = [];
  yield `{"format":"${recordFormat.format}","version":${recordFormat.version},"comparisons":[`;
  for (const id of ids) {
    const exported = await exportedComparison(source, id);
    yield `${hashes.length ? ',' : ''}\n${canonicalJson(exported)}`;
    hashes.push(exported.hash);
  }
  yield `\n],"hash":"${fileHash(hashes)}"}\n`;
}
