import de from './de.json';
import en from './en.json';
import type { Language } from './languages';
import type { Catalog } from './translator';

/**
 * All catalogs: for the server, which sends a page that of its language alone, and for the file that follows its
 * reader's browser.
 */
export const catalogs: Record<Language, Catalog> = { en, de };
