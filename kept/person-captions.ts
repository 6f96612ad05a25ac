import type { PersonCaption } from './fields';

/**
 * What a person says of a photo: captions that were accepted, and the person's own. They stand apart from what decoders
 * said: no run changes them, and no sum of a decoder counts them.
 */
export type { PersonCaption };

/** Who said it where no studio names the owner. */
export const thisBrowser = 'this browser';

/** With one more, or with one of the same id in its place. Pure. */
export const withSaid = (all: readonly PersonCaption[], one: PersonCaption): PersonCaption[] =>
  all.some(({ id }) => id === one.id) ? all.map((other) => (other.id === one.id ? one : other)) : [...all, one];

export const withoutSaid = (all: readonly PersonCaption[], id: string): PersonCaption[] =>
  all.filter((one) => one.id !== id);

/** Both without doubles: of one that is in both, the one that was changed last. Pure. */
export function joinSaid(...lists: readonly (readonly PersonCaption[])[]): PersonCaption[] {
  const all = new Map<string, PersonCaption>();
  for (const one of lists.flat()) {
    const other = all.get(one.id);
    if (!other || other.at < one.at) all.set(one.id, one);
  }
  return [...all.values()];
}
