'use client';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { I18nextProvider } from 'react-i18next';
import { isLanguage, type Language, languageCookie } from './languages';
import { loadCatalog } from './load';
import { type Catalog, translator } from './translator';

type Choice = { language: Language; /** Changes the language of the page, and keeps it for a year. @throws TypeError where it cannot be fetched */ choose: (language: Language) => Promise<void> };
const ChoiceContext = createContext<Choice>({ language: 'en', choose: async () => undefined });

/** The language of the page, and how it is changed. */
export const useLanguage = () => useContext(ChoiceContext);

/** Gives what stands inside its language. The catalog comes with the page, so that the first drawing is already in it. */
export function LanguageProvider({ language, catalog, children }: { language: Language; catalog: Catalog; children: ReactNode }) {
  const [chosen, setChosen] = useState<{ language: Language; catalog: Catalog }>();
  const shown = chosen?.language ?? language;
  const words = chosen?.catalog ?? catalog;
  const instance = useMemo(() => translator(shown, words), [shown, words]);
  const change = useCallback(async (wanted: Language) => {
    setChosen({ language: wanted, catalog: await loadCatalog[wanted]() });
    document.documentElement.lang = wanted;
  }, []);
  // A page out of the cache of the days without a network may be older than the choice.
  useEffect(() => {
    const kept = keptLanguage();
    if (!kept || kept === language) return;
    loadCatalog[kept]().then(
      (fetched) => {
        setChosen({ language: kept, catalog: fetched });
        document.documentElement.lang = kept;
      },
      () => undefined,
    );
  }, [language]);
  const choice = useMemo(
    (): Choice => ({
      language: shown,
      choose: async (wanted) => {
        await change(wanted);
        document.cookie = `${languageCookie}=${wanted}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
      },
    }),
    [change, shown],
  );
  return (
    <ChoiceContext value={choice}>
      <I18nextProvider i18n={instance}>{children}</I18nextProvider>
    </ChoiceContext>
  );
}

/** The language that was chosen in this browser. A file of its own has no cookies. */
function keptLanguage(): Language | undefined {
  try {
    const kept = document.cookie.split('; ').find((cookie) => cookie.startsWith(`${languageCookie}=`))?.slice(languageCookie.length + 1);
    return isLanguage(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}
