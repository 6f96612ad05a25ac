import type { FrequencySource } from '../../kept/frequencies';
import { type ExportedComparison } from '../../kept/record-schema';
import { recordFile, recordOf } from '../../kept/record';
import type { ImageStore } from '../comparisons/images';
import type { ComparisonView } from '../../kept/comparison';
import { contentHash, sha256 } from './hash';
import { pictureDigest } from './picture';

export type ExportSource = {
  images: ImageStore;
  /** @throws not-found */
  view: (id: string) => Promise<ComparisonView>;
  /** For CIDEr-D in a file of its own; without it, that is left out there. */
  frequencies?: FrequencySource;
};

/**
 * A comparison with its picture, ready to be written anywhere. @throws not-found, option-invalid while it still runs
 */
export async function exportedComparison(source: ExportSource, id: string): Promise<ExportedComparison> {
  const view = await source.view(id);
  const kept = view.image && (await source.images.file(view.image.id, false));
  const comparison = recordOf(view, kept && (await pictureDigest(kept)));
  return {
    hash: contentHash(comparison),
    comparison,
    picture: kept && {
      mime: kept.mime as 'image/png' | 'image/jpeg',
      base64: Buffer.from(kept.bytes).toString('base64'),
    },
  };
}

/** Hash of a whole file: over the hashes of its comparisons, in their order. */
export const fileHash = (hashes: readonly string[]) => sha256(hashes.join('\n'));

/** The file of an export, piece by piece: at no time is more than one comparison in memory. */
export function exportFile(source: ExportSource, ids: readonly string[]): AsyncGenerator<string> {
  async function* each() {
    for (const id of ids) yield await exportedComparison(source, id);
  }
  return recordFile(each(), sha256);
}
