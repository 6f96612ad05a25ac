import type { Manifest } from '../manifest';
import type { WeightMap } from '../networks/types';

/** The files of a family, as an asset reads them. */
export interface AssetFiles {
  readonly name: string;
  readonly manifest: Manifest;
  /** Verified bytes of a file of the manifest. @throws weights-missing, weights-corrupt */
  file(key: string): Promise<Uint8Array>;
  /** What `read` makes of a file's tensors; large files are open meanwhile, and never whole in memory. @throws alike */
  tensors<T>(key: string, read: (tensors: WeightMap) => T): Promise<T>;
}

/**
 * What a decoder's weights bring beside its graphs: a memory of texts, an offset, entities with their embeddings. A
 * family reads it when a lane first asks for it, and keeps it.
 */
export type Asset<T> = {
  /** Keys of its files: fetched ahead of a lane, and taken over by a family that grows from this one. */
  files: readonly string[];
  read(family: AssetFiles): Promise<T>;
};

/** The key under which a family has the file that an asset calls `key`; the manifest may name another. */
export const assetKey = ({ decoders }: Pick<Manifest, 'decoders'>, decoder: string, key: string): string =>
  decoders[decoder]?.assets?.[key] ?? key;

/** Keys of the files that a family has for a decoder's assets. */
export const assetKeys = (
  manifest: Manifest,
  { name, assets = [] }: { name: string; assets?: readonly Asset<unknown>[] },
): string[] =>
  assets
    .flatMap(({ files }) => files.map((key) => assetKey(manifest, name, key)))
    .filter((key) => Object.hasOwn(manifest.files, key));
