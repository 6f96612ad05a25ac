/**
 * A sentence that the page says in its own language (app/languages): the sentence is its key, `values` are put in for
 * its `{{names}}`.
 * models/ and server/ speak English, by `inEnglish`.
 */
export type Said = { sentence: string; values?: Readonly<Record<string, string | number>> };

export const inEnglish = ({ sentence, values = {} }: Said) =>
  sentence.replace(/\{\{(\w+)\}\}/g, (hole, name: string) => String(values[name] ?? hole));
