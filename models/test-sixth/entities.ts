import type { Asset } from '../decoders/asset';

export type Entities = { /** [names, dim], unit rows. */ embeddings: Float32Array; names: string[] };

/** Names of things with their text embeddings, as entity-aware decoders retrieve them. */
export const entities: Asset<Entities> = {
  files: ['namerEntities', 'namerNames'],
  async read(family) {
    const { values } = await family.tensors('namerEntities', (tensors) => tensors.get('embeddings'));
    const names = new TextDecoder()
      .decode(await family.file('namerNames'))
      .trimEnd()
      .split('\n');
    return { embeddings: values, names };
  },
};
