'use client';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { isLanguage, type Language, languageCookie } from './languages';
import { loadCatalog } from './load';
import { type Catalog, translator } from './translator';
import { type Speech, SpeechContext } from './use-translation';

/**
 * Gives what stands inside its language. The catalog comes with the page, so that the first drawing is already in it.
 */
export function LanguageProvider({
  language,
  catalog,
  children,
}: {
  language: Language;
  catalog: Catalog;
  children: ReactNode;
}) {
  const [chosen, setChosen] = useState<{ language: Language; catalog: Catalog }>();
  const shown = chosen?.language ?? language;
  const words = chosen?.catalog ?? catalog;
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
  const speech = useMemo(
    (): Speech => ({
      language: shown,
      t: translator(shown, words),
      choose: async (wanted) => {
        await change(wanted);
        document.cookie = `${languageCookie}=${wanted}; path=/; max-age=31536000; samesite=lax${location.protocol === 'https:' ? '; secure' : ''}`;
      },
    }),
    [change, shown, words],
  );
  return <SpeechContext value={speech}>{children}</SpeechContext>;
}

/** The language that was chosen in this browser. A file of its own has no cookies. */
function keptLanguage(): Language | undefined {
  try {
    const kept = document.cookie
      .split('; ')
      .find((cookie) => cookie.startsWith(`${languageCookie}=`))
      ?.slice(languageCookie.length + 1);
    return isLanguage(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}
