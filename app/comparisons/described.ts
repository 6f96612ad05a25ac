import type { ComparisonView } from '@/kept/comparison';
import type { LocalComparison } from './local-comparisons';
import type { Snapshot } from './snapshot';
import { type Source, urlOf } from './source';

/** What a comparison is of, which never changes. */
export type Described = Pick<Snapshot, 'withheld' | 'picture' | 'source' | 'embedding'>;

/** Of the server's. */
export function ofView({ input, sample, image, embedding, modality, title }: ComparisonView): Described {
  const source: Source | undefined =
    input === 'sample'
      ? { kind: 'sample', ...(sample ? { sample } : {}) }
      : image
        ? { kind: 'photo', name: title || 'photo', imageId: image.id, url: image.url }
        : embedding
          ? { kind: 'embedding', name: title || 'embedding', values: embedding, ...(modality ? { modality } : {}) }
          : undefined;
  return {
    withheld: !image && input !== 'embedding',
    ...(image ? { picture: { url: image.url } } : {}),
    ...(source ? { source } : {}),
    ...(embedding ? { embedding: { values: embedding, modality: modality ?? 'image' } } : {}),
  };
}

/** Of one of this browser. */
export function ofRecord({ photo, embedding }: LocalComparison): Described {
  if (photo)
    return {
      withheld: false,
      picture: { url: urlOf(photo.blob) },
      source: { kind: 'photo', name: photo.name, blob: photo.blob },
    };
  if (!embedding) return { withheld: false };
  return {
    withheld: false,
    source: { kind: 'embedding', ...embedding },
    embedding: { values: embedding.values, modality: embedding.modality ?? 'image' },
  };
}
