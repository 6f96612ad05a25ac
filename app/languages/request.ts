import { cookies, headers } from 'next/headers';
import { acceptedLanguage } from './accept-language';
import { catalogs } from './catalogs';
import { isLanguage, type Language, languageCookie } from './languages';
import { type Translate, translator } from './translator';

/** The language of a page on the server: the one that was chosen, else the best that the browser asks for. */
export async function requestLanguage(): Promise<Language> {
  const chosen = (await cookies()).get(languageCookie)?.value;
  return isLanguage(chosen) ? chosen : acceptedLanguage((await headers()).get('accept-language') ?? '');
}

/** Translates on the server: titles of pages. */
export async function requestTranslate(): Promise<Translate> {
  const language = await requestLanguage();
  return translator(language, catalogs[language]);
}
