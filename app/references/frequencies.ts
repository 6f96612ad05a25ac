import type { Frequencies } from '@/kept/frequencies';
import type { StudioClient } from '../client/client';

/** Servers take some 16 KB of address and headers; what is asked for stands in the address. */
const longest = 8_000;
const known = new Map<string, Promise<Frequencies>>();

/**
 * Document frequencies of n-grams, asked of the studio in as many questions as fit into addresses, and once in a visit.
 */
export function frequenciesFrom(client: StudioClient, family: string, grams: readonly string[]): Promise<Frequencies> {
  const key = JSON.stringify([family, grams]);
  const before = known.get(key);
  if (before) return before;
  const asked = Promise.all(parts(grams).map((part) => client.studio.frequencies.query({ family, grams: part }))).then(
    (answers) => ({
      ...answers[0]!,
      counts: Object.assign({}, ...answers.map(({ counts }) => counts)) as Frequencies['counts'],
    }),
  );
  known.set(key, asked);
  asked.catch(() => known.delete(key));
  return asked;
}

/** In runs that are not too long for an address; at least one. */
export function parts(grams: readonly string[], limit = longest): string[][] {
  const all: string[][] = [[]];
  let length = 0;
  for (const gram of grams) {
    const own = encodeURIComponent(JSON.stringify(gram)).length + 3;
    if (length + own > limit && all.at(-1)!.length) {
      all.push([]);
      length = 0;
    }
    all.at(-1)!.push(gram);
    length += own;
  }
  return all;
}
