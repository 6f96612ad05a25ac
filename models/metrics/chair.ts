import { cocoObjects, noObjects } from './coco-objects';

/** Objects that a caption speaks of, each once a mention. */
export type Mention = { object: string; words: string };
export type ImageChair = {
  mentioned: string[];
  /** Of those, what the image does not have. */
  hallucinated: string[];
};
export type ChairScores = {
  /** Share of mentioned objects that are not there (CHAIRi). */
  chairI: number;
  /** Share of captions that mention one (CHAIRs). */
  chairS: number;
  /** Share of the images' objects that their captions mention. */
  recall: number;
  mentions: number;
};

const longest = 4;
const byWords = new Map<string, string | undefined>();
for (const [object, words] of Object.entries(cocoObjects))
  for (const word of [object, ...words]) byWords.set(word, object);
for (const words of noObjects) if (!byWords.has(words)) byWords.set(words, undefined);

const irregular: Readonly<Record<string, string>> = {
  men: 'man',
  women: 'woman',
  children: 'child',
  ladies: 'lady',
  babies: 'baby',
  families: 'family',
  mice: 'mouse',
  geese: 'goose',
  oxen: 'ox',
  calves: 'calf',
  knives: 'knife',
  buses: 'bus',
  couches: 'couch',
  benches: 'bench',
  sandwiches: 'sandwich',
  toothbrushes: 'toothbrush',
  wineglasses: 'wineglass',
  glasses: 'glass',
  watches: 'watch',
  policemen: 'policeman',
  firemen: 'fireman',
  gentlemen: 'gentleman',
  businessmen: 'businessman',
  fishermen: 'fisherman',
  puppies: 'puppy',
  ponies: 'pony',
  kitties: 'kitty',
  huskies: 'husky',
  ferries: 'ferry',
  lorries: 'lorry',
  taxis: 'taxi',
};

/** A word in the singular, as far as the table's words need it. */
function singular(word: string): string {
  if (Object.hasOwn(irregular, word)) return irregular[word]!;
  return /[^s]s$/.test(word) && !byWords.has(word) ? word.slice(0, -1) : word;
}

/**
 * Objects of COCO that a caption mentions, in its order: the longest words first, so that a hot dog is no dog, and what
 * only holds such a word (a train station) is passed over. @param words lower case, tokenised
 */
export function mentionsIn(words: readonly string[]): Mention[] {
  const found: Mention[] = [];
  for (let at = 0; at < words.length;) {
    let taken = 1;
    for (let length = Math.min(longest, words.length - at); length; length--) {
      const part = words.slice(at, at + length);
      const said = [part.join(' '), [...part.slice(0, -1), singular(part.at(-1)!)].join(' ')].find((one) =>
        byWords.has(one),
      );
      if (said === undefined) continue;
      const object = byWords.get(said);
      if (object !== undefined) found.push({ object, words: part.join(' ') });
      taken = length;
      break;
    }
    at += taken;
  }
  return found;
}

/** The name by which the table has an object that somebody's annotations name; undefined for one it has not. */
export const objectNamed = (name: string): string | undefined => {
  const words = name.toLowerCase().replaceAll('_', ' ').trim();
  return byWords.get(words) ?? byWords.get(singular(words));
};

/** What of a caption's objects is there. @param there objects of the image */
export function chairOf(words: readonly string[], there: ReadonlySet<string>): ImageChair {
  const mentioned = mentionsIn(words).map(({ object }) => object);
  return { mentioned, hallucinated: mentioned.filter((object) => !there.has(object)) };
}

/**
 * CHAIR (Rohrbach et al. 2018): how much captions speak of that is not there.
 * @param images what each caption mentions, and the objects of its image
 */
export function chair(images: readonly (ImageChair & { there: ReadonlySet<string> })[]): ChairScores {
  const sum = (of: (image: (typeof images)[number]) => number) => images.reduce((total, image) => total + of(image), 0);
  const mentions = sum(({ mentioned }) => mentioned.length);
  const objects = sum(({ there }) => there.size);
  return {
    chairI: mentions ? sum(({ hallucinated }) => hallucinated.length) / mentions : 0,
    chairS: images.length ? sum(({ hallucinated }) => (hallucinated.length ? 1 : 0)) / images.length : 0,
    recall: objects
      ? sum(({ there, mentioned }) => [...there].filter((one) => mentioned.includes(one)).length) / objects
      : 0,
    mentions,
  };
}
