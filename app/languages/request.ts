import { cookies, headers } from 'next/headers';
import { catalogs } from './catalogs';
import { bestLanguage, isLanguage, type Language, languageCookie, wishedLanguages } from './languages';
import { type Translate, translator } from './translator';

/** The language of a page on the server: the one that was chosen, else the best that the browser asks for. */
export async function requestLanguage(): Promise<Language> {
  const chosen = (await cookies()).get(languageCookie)?.value;
  return isLanguage(chosen) ? chosen : bestLanguage(wishedLanguages((await headers()).get('accept-language') ?? ''));
}

/** Translates on the server: titles of pages. */
export async function requestTranslate(): Promise<Translate> {
  const language = await requestLanguage();
  return translator(language, catalogs[language]);
}
