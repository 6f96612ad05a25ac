import { StudioError } from '../../errors';
import type { Runner } from '../../runtime/scheduler';
import { cosine, type Embedding } from '../../spaces/embedding';
import type { Space } from '../../spaces/space';

/** Colours that any joint space of photos and English tells apart, and their values. */
const colours: Record<string, readonly [number, number, number]> = {
  red: [220, 20, 20],
  green: [20, 160, 40],
  blue: [20, 40, 220],
  yellow: [250, 230, 30],
  black: [5, 5, 5],
  white: [250, 250, 250],
  orange: [250, 140, 10],
  purple: [130, 20, 160],
};
/** By chance one of eight; four or more happen by chance once in a hundred. */
const least = 4;

/** Raw embeddings of eight plain colours, each as a picture and as a text. */
export async function colourEmbeddings(
  space: Space,
  lane: Runner,
): Promise<{ images: Embedding[]; texts: Embedding[] }> {
  const texts = await space.encodeTexts(
    Object.keys(colours).map((name) => `a plain ${name} background`),
    lane,
  );
  const images: Embedding[] = [];
  for (const values of Object.values(colours)) {
    const [width, height] = [64, 64];
    const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => values[at % 3]!);
    images.push((await space.encodeImage({ width, height, data }, lane)).embedding);
  }
  return { images, texts };
}

/** How many of those pictures have their own text for the nearest. */
export async function coloursNamed(space: Space, lane: Runner): Promise<{ right: number; of: number }> {
  const { images, texts } = await colourEmbeddings(space, lane);
  const isRight = (image: Embedding, i: number) => {
    const cosines = texts.map((text) => cosine(image, text));
    return cosines.every((one, other) => other === i || one < cosines[i]!);
  };
  return { right: images.filter(isRight).length, of: images.length };
}

/**
 * Refuses a contrastive half that cannot even name colours: nothing in the file of a CoCa that was fine-tuned on
 * captions alone tells it from the base model that it was, but what it says does. @throws weights-invalid
 */
export async function checkContrast(space: Space, lane: Runner): Promise<void> {
  const { right, of } = await coloursNamed(space, lane);
  if (right >= least) return;
  throw new StudioError(
    'weights-invalid',
    `This is no joint space: of ${of} plain colours it names ${right} rightly, and a base model of CoCa should name nearly all. ` +
      'It is the file that was fine-tuned on captions, perhaps, which has the same tensors: import it as coca with --base clip-vit-b32, whose space then scores its captions. ' +
      'Where you know better, import it with the option contrast=unchecked.',
  );
}
