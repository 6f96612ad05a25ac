import type { GraphName } from '../graphs/spec';
import type { Runner } from '../runtime/scheduler';
import type { Runtime, Session } from '../runtime/types';
import { encodeBy, encodeTokenRows, tokenRow } from '../spaces/space';
import type { Tokenizer } from '../spaces/tokenizer';
import { type Manifest, textTowerOf } from '../manifest';
import { trialPhoto } from './trial-photos';

/** The largest 1 - cosine between embeddings at 8 bit and at fp32 with which a tower is used at 8 bit. */
export const allowedCosineLoss = 0.001;

/** Pictures that a photo's tower is tried on. */
const trialPhotos = 6;
const direct: Runner = { run: (one, feeds, fetches) => one.run(feeds, fetches) };

/** What a text tower is tried on: captions of several lengths, as decoders have them scored. */
const texts = [
  'a dog',
  'a red bus in the rain',
  'two children play with a ball on the beach',
  'a man in a blue shirt rides a bicycle down a narrow street',
  'a plate of food with rice, vegetables and a fork on a wooden table',
  'several people stand around a fire at night while one of them plays the guitar and the others sing',
  'a small white boat',
  'an old train crosses a bridge over the river',
  'a cat sleeps on a keyboard.',
  'snow covered mountains behind a lake',
  'a woman holding an umbrella looks at her phone',
  'a close up of a yellow flower with a bee on it',
];

/** Raw embeddings of those texts by a text tower. */
async function embeddingsOfTexts(
  session: Session,
  runtime: Runtime,
  manifest: Manifest,
  tokenizer: Tokenizer,
): Promise<Float32Array[]> {
  // A tokenizer of few words gives no id for others.
  const rows = texts.map((text) => tokenRow(manifest.space.text, tokenizer.encode(text).filter(Number.isInteger)));
  return encodeTokenRows({ session, runtime, shape: textTowerOf(manifest) }, rows, direct);
}

/** Raw embeddings of drawn pictures by a photo's tower. */
async function embeddingsOfPhotos(session: Session, runtime: Runtime, manifest: Manifest): Promise<Float32Array[]> {
  const out: Float32Array[] = [];
  for (let n = 0; n < trialPhotos; n++)
    out.push((await encodeBy(session, trialPhoto(n), manifest.space.image, runtime, direct)).values!);
  return out;
}

/** Raw embeddings, by a tower of the space, of what it is tried on. */
export const embeddingsOf = async (
  name: GraphName,
  session: Session,
  runtime: Runtime,
  manifest: Manifest,
  tokenizer: () => Promise<Tokenizer>,
): Promise<Float32Array[]> =>
  name === 'text-tower'
    ? embeddingsOfTexts(session, runtime, manifest, await tokenizer())
    : embeddingsOfPhotos(session, runtime, manifest);

/** The largest 1 - cosine of two lists of embeddings, pair by pair. */
export function cosineLoss(ours: readonly Float32Array[], exact: readonly Float32Array[]): number {
  return Math.max(
    ...exact.map((row, i) => {
      let [dot, a, b] = [0, 0, 0];
      row.forEach((value, j) => {
        dot += value * ours[i]![j]!;
        a += value * value;
        b += ours[i]![j]! ** 2;
      });
      return 1 - dot / Math.sqrt(a * b);
    }),
  );
}
