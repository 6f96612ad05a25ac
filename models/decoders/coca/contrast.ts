import { cosine, type Embedding } from '../../spaces/embedding';
import { encodeTokenRows, type Grid } from '../../spaces/space';
import type { DecoderContext } from '../types';
import { cocaGraphs } from './graphs';

/**
 * Cosines of captions to a photo by CoCa's contrastive half (arXiv 2205.01917, section 3.2): the photo's latent from
 * the contrastive pooler,
 * a caption's from the class token of the unimodal half, which stands after the last word. A space of CoCa's own, not
 * that of the referee.
 * @param captions token ids without begin and end token
 */
export async function contrastCosines(
  grid: Grid,
  captions: readonly (readonly number[])[],
  { family, device, decoder }: DecoderContext,
): Promise<number[]> {
  const runner = device.at('rank');
  const { runtime, manifest } = family;
  const [pooler, text] = await Promise.all([family.session(cocaGraphs.contrast), family.session(cocaGraphs.text)]);
  const input = runtime.tensor('float32', grid.values, [1, grid.tokens, grid.channels]);
  const latent = (modality: Embedding['modality'], values: Float32Array): Embedding => ({
    space: `${manifest.space.name} ${decoder}`,
    modality,
    state: 'raw',
    values,
  });
  try {
    const outputs = await runner.run(pooler, { grid: input });
    const image = latent('image', Float32Array.from((await outputs.tokens!.read()) as Float32Array));
    for (const tensor of Object.values(outputs)) tensor.dispose();
    const { bos, vocabulary } = family.languageModel(decoder);
    const rows = await encodeTokenRows(
      { session: text, runtime, shape: family.graph(cocaGraphs.text).cache! },
      captions.map((tokens) => [bos, ...tokens, vocabulary]),
      runner,
    );
    return rows.map((values) => cosine(image, latent('text', values)));
  } finally {
    input.dispose();
  }
}
