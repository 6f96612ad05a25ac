import type { SampleName } from '@/kept/samples';
import { endOf, type LaneFilm } from '../views/film';
import { msg } from '../languages/msg';

type SampleWords = {
  /** What is drawn. */
  title: string;
  /** The family whose captions of it are wrong, in a few words and why, and the word that none of them says. */
  wrong?: { family: string; note: string; why: string; lacks: RegExp };
};

/** What is said of the sample pictures; `e2e/sample.spec.ts` sees that it is true. */
export const sampleWords: Readonly<Record<SampleName, SampleWords>> = {
  dog: { title: msg('A dog after a ball') },
  skier: { title: msg('Somebody on skis') },
  cat: {
    title: msg('A cat on a sofa'),
    wrong: {
      family: 'pocket',
      note: msg('{{family}} gets this one wrong.'),
      // Words of the training captions of Flickr8k: dog or dogs 9,037 times, cat or cats 72 times.
      why: msg(
        '{{family}} learned from some thousand photos of people and dogs, most of them outdoors; their captions name a dog over a hundred times for every cat. Of a cat on a sofa it can only say what it knows that looks most like one.',
      ),
      lacks: /\b(cats?|kittens?|kitty)\b/i,
    },
  },
};

/** Why captions of a sample are wrong, where all of them are. */
export function wrongOf(sample: SampleName | undefined, family: string, lanes: readonly LaneFilm[]) {
  const wrong = sample && sampleWords[sample].wrong;
  const captions = lanes.flatMap((lane) => endOf(lane)?.caption ?? []);
  return wrong?.family === family && captions.length > 0 && !captions.some((caption) => wrong.lacks.test(caption))
    ? wrong
    : undefined;
}
