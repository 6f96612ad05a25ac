import { readEmbeddingFile } from '@/models/files/embedding-file';
import { writeNpy } from '@/models/files/npy';
import type { GivenEmbedding } from '../comparisons/source';

const kinds = /\.(npy|json|safetensors)$/i;

/** Whether a file is meant as embeddings, by its name. */
export const isEmbeddingFile = ({ name }: File) => kinds.test(name);

/** The embeddings of a dropped file, one input for each row. @throws embedding-invalid, embedding-mismatch */
export async function readEmbeddings(file: File, dim: number, space: string): Promise<GivenEmbedding[]> {
  const { rows, modality } = readEmbeddingFile(file.name, new Uint8Array(await file.arrayBuffer()), dim, space);
  return rows.map((row, i) => ({
    name: rows.length > 1 ? `${file.name} ${i + 1}` : file.name,
    values: Array.from(row),
    ...(modality ? { modality } : {}),
  }));
}

/** Saves an embedding: `.npy` holds [1, dim] float32, `.json` names its space, so that it can be dropped in again. */
export function downloadEmbedding(
  kind: 'npy' | 'json',
  name: string,
  { values, space, modality }: { values: readonly number[]; space: string; modality: 'image' | 'text' },
): void {
  const bytes =
    kind === 'npy'
      ? writeNpy([Float32Array.from(values)])
      : new TextEncoder().encode(JSON.stringify({ space, modality, state: 'raw', values }));
  const url = URL.createObjectURL(
    new Blob([bytes as BlobPart], { type: kind === 'npy' ? 'application/octet-stream' : 'application/json' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name.replace(/\.\w+$/, '') || 'embedding'}.${kind}`;
  link.click();
  URL.revokeObjectURL(url);
}
