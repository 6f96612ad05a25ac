import { npyHeader } from '../../../models/files/npy';
import { StudioError } from '../../../models/errors';
import { embeddingBytes } from '../../collections/run/answer-batch';
import type { PhotoRow } from '../../collections/run/shard-files';
import { DocumentFile } from '../../files/document';
import { text, type Values } from '../args';
import { type Io, tell } from '../io';
import { demandFree, modeOf } from './flags';
import type { Job, Target } from './run';

/**
 * One .npy of N × D raw embeddings in the order of the collection, and their keys as a JSON list beside it: both whole
 * or not at all. Photos that cannot be read have no row and no key.
 * @throws option-invalid
 */
export function embeddingTarget(values: Values, io: Io): Job['open'] {
  const mode = modeOf(values);
  const out = text(values.out);
  if (out === undefined || !/\.npy$/i.test(out))
    throw new StudioError(
      'option-invalid',
      `${out === undefined ? 'Name a file for the embeddings' : `--out ${out}`}: expected a name that ends in .npy for a collection: --out FILE.npy.`,
    );
  const keysFile = out.replace(/\.npy$/i, '.keys.json');
  return async (): Promise<Target> => {
    if (mode === 'new') for (const name of [out, keysFile]) await demandFree(io, name);
    const opened: DocumentFile[] = [];
    const abandon = async () => {
      for (const file of opened.splice(0)) await file.close();
    };
    try {
      for (const name of [keysFile, out]) opened.push(await DocumentFile.open(io, name));
    } catch (error) {
      await abandon();
      throw error;
    }
    const keys: string[] = [];
    let dim = 0;
    return {
      done: new Set(),
      tell: [],
      async write(_, photo) {
        const bytes = embeddingBytes(photo);
        if (!bytes) return;
        keys.push(photo.key);
        dim = bytes.length / 4;
      },
      async finish(photos) {
        const [keyList, array] = opened;
        await keyList!.replace([`${JSON.stringify(keys, null, 1)}\n`]);
        await array!.replace(rowsOf(photos(), [keys.length, dim]));
        await abandon();
        tell(io, `${out}: ${keys.length} × ${dim} embeddings; ${keysFile}: their keys`);
      },
      abandon,
    };
  };
}

async function* rowsOf(photos: AsyncIterable<PhotoRow>, shape: readonly number[]): AsyncGenerator<Uint8Array> {
  yield npyHeader(shape);
  const rows: Uint8Array[] = [];
  for await (const photo of photos) {
    const bytes = embeddingBytes(photo);
    if (bytes) rows.push(bytes);
    if (rows.length === 256) yield Buffer.concat(rows.splice(0));
  }
  if (rows.length) yield Buffer.concat(rows);
}
