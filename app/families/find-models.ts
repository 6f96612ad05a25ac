import type { InstalledCard, PublishedModel } from '@/server/families/types';

const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Whether every word of a search is somewhere in what is said of a model. */
function says(texts: readonly (string | undefined)[], search: string): boolean {
  const all = fold(texts.filter(Boolean).join(' '));
  return fold(search)
    .split(/\s+/)
    .every((word) => all.includes(word));
}

/** Whether a search finds a family that is here. */
export const findsInstalled = (
  { name, space, decoders, licence, trainedOn, source, origins }: InstalledCard,
  search: string,
): boolean =>
  says([name, space?.name, ...decoders, licence, trainedOn, source, ...origins.map((of) => of.repository)], search);

/** Whether a search finds a published model, in English or in the page's words (`t`). */
export const findsPublished = (
  { name, title, goodAt, kind, licence, needs, note, files }: PublishedModel,
  search: string,
  t: (sentence: string) => string,
): boolean =>
  says(
    [name, title, t(title), goodAt, t(goodAt), kind, licence, needs, note, ...files.map((file) => file.repository)],
    search,
  );
