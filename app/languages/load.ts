import type { Language } from './languages';
import type { Catalog } from './translator';

/**
 * Fetches the catalog of a language that is changed to: a file of its own, so that a page loads the languages that it
 * is seen in alone.
 */
export const loadCatalog: Record<Language, () => Promise<Catalog>> = {
  en: () => import('./en.json').then((module) => module.default),
  de: () => import('./de.json').then((module) => module.default),
};
