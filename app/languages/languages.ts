/**
 * The languages of the page, each by its own name. One more is one more line here, one each in catalogs.ts and load.ts,
 * and its catalog beside them.
 */
export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;
export const languageCodes = Object.keys(languages) as Language[];

/** Keeps the choice of a language for a year. */
export const languageCookie = 'language';

export const isLanguage = (code: string | undefined): code is Language =>
  code !== undefined && Object.hasOwn(languages, code);

/**
 * The first of the wished languages (BCP 47 tags, best first) that there is: a region or script falls back to its
 * language.
 */
export function bestLanguage(wished: readonly string[]): Language {
  for (const tag of wished) {
    const code = tag.trim().toLowerCase().split('-')[0];
    if (isLanguage(code)) return code;
  }
  return 'en';
}
