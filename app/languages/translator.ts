import { createInstance, type TFunction } from 'i18next';
import type { Language } from './languages';

/**
 * Sentences of a language by their English ones, which are the keys. A counted sentence has one for each plural form
 * (`…_one`, `…_other`).
 */
export type Catalog = Readonly<Record<string, string>>;
/** Says a sentence in the language of the page. What has no translation is said in English. */
export type Translate = TFunction;

/** A translator that is ready at once. */
export function translator(language: Language, catalog: Catalog): Translate {
  const instance = createInstance({
    lng: language,
    resources: { [language]: { translation: catalog } },
    fallbackLng: false,
    // Sentences are keys: a point or a colon in one separates nothing.
    keySeparator: false,
    nsSeparator: false,
    // React escapes.
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  void instance.init();
  return remembering(instance.t);
}

/** Sentences into which nothing is put are looked up once: a page that streams says hundreds of them a frame. */
function remembering(t: Translate): Translate {
  const said = new Map<string, string>();
  const remember = (sentence: string, ...values: [object?]): string => {
    if (values[0] !== undefined || typeof sentence !== 'string') return t(sentence, ...(values as []));
    let found = said.get(sentence);
    if (found === undefined && said.size < 5_000) said.set(sentence, (found = t(sentence)));
    return found ?? t(sentence);
  };
  return remember as Translate;
}
