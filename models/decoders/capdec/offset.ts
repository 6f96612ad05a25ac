import { StudioError } from '../../errors';
import { type Asset, assetKey } from '../asset';
import type { DecoderFamily } from '../types';

/** Key of the file that holds the tensor `offset`. */
export const offsetFile = 'capdecOffset';

/**
 * Offset of the modalities that CapDec measured: mean image minus mean text embedding, [dim]; undefined where none came
 * with its weights. @throws weights-missing, weights-corrupt, weights-invalid
 */
export const modalityOffset: Asset<Float32Array | undefined> = {
  files: [offsetFile],
  async read(family) {
    const { manifest } = family;
    const key = assetKey(manifest, 'capdec', offsetFile);
    if (!Object.hasOwn(manifest.files, key)) return undefined;
    const { dims, values } = await family.tensors(key, (tensors) => tensors.get('offset'));
    if (values.length !== manifest.space.dim)
      throw new StudioError(
        'weights-invalid',
        `CapDec's offset is [${dims.join(', ')}]; the space ${manifest.space.name} has ${manifest.space.dim} values.`,
      );
    return values;
  },
};

/** The same, where a lane asks for it. @throws weights-missing */
export async function neededOffset(family: DecoderFamily): Promise<Float32Array> {
  const found = await family.asset(modalityOffset);
  if (found) return found;
  throw new StudioError(
    'weights-missing',
    `Family ${family.name} has no modality offset: none was imported with CapDec. Import it again with its file of centres, or set useOffset to false.`,
  );
}
