import { StudioError } from '../../errors';
import { type Asset, assetKey } from '../asset';

export type TextMemory = {
  /** [rows, dim], unit rows. */ embeddings: Float32Array;
  rows: number;
  sentences: string[];
  /** [rows]: how often the list of captions said each; absent: once. */ repeats?: Float32Array;
};

/** Keys of the memory's files: tensors `embeddings` and `repeats`, and one sentence a line in the same order. */
export const memoryFiles = { rows: 'decapMemory', text: 'decapMemoryText' } as const;

/** DeCap's text memory. @throws weights-missing, weights-corrupt, weights-invalid */
export const textMemory: Asset<TextMemory> = {
  files: Object.values(memoryFiles),
  async read(family) {
    const key = (file: string) => assetKey(family.manifest, 'decap', file);
    const { dim } = family.manifest.space;
    const [{ dims, values, repeats }, text] = await Promise.all([
      family.tensors(key(memoryFiles.rows), (tensors) => ({
        ...tensors.get('embeddings'),
        repeats: tensors.has('repeats') ? tensors.get('repeats').values : undefined,
      })),
      family.file(key(memoryFiles.text)),
    ]);
    const sentences = new TextDecoder().decode(text).trimEnd().split('\n');
    if (dims.length !== 2 || dims[1] !== dim || sentences.length !== dims[0])
      throw new StudioError(
        'weights-invalid',
        `DeCap's memory is [${dims.join(', ')}] with ${sentences.length} sentences; expected one row of ${dim} for each sentence.`,
      );
    if (repeats && (repeats.length !== dims[0] || !repeats.every((n) => n > 0 && Number.isFinite(n))))
      throw new StudioError(
        'weights-invalid',
        `DeCap's memory says of ${repeats.length} rows how often each is meant; expected ${dims[0]} numbers above 0. Import it again.`,
      );
    return { embeddings: values, rows: dims[0], sentences, repeats };
  },
};
