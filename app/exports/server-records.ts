import type { ComparisonView } from '@/kept/comparison';
import type { ExportedComparison } from '@/kept/record-schema';
import { fetchExport } from './fetch-export';

/** Comparisons of the studio as its own export holds them, by their ids. @throws Error in words */
export async function serverRecords(ids: readonly string[]): Promise<Map<string, ExportedComparison>> {
  if (!ids.length) return new Map();
  const { blob } = await fetchExport({ ids, format: 'json' });
  const { comparisons } = JSON.parse(await blob.text()) as { comparisons: ExportedComparison[] };
  return new Map(ids.map((id, i) => [id, comparisons[i]!]));
}

/** A comparison of a file as the views take one. */
export function viewOfRecord(id: string, { comparison, picture }: ExportedComparison): ComparisonView {
  const {
    createdAt,
    endedAt,
    picture: digest,
    modality = null,
    sample = null,
    references = [],
    said = [],
    ...same
  } = comparison;
  return {
    ...same,
    id,
    createdAt: new Date(createdAt),
    endedAt: endedAt === null ? null : new Date(endedAt),
    modality,
    sample,
    references,
    said,
    replayOf: null,
    image:
      digest && picture ? { id: 'file', url: '', thumbnailUrl: '', width: digest.width, height: digest.height } : null,
    lastEventId: null,
  };
}
