import { createContext, useContext } from 'react';
import type { Language } from './languages';
import type { Translate } from './translator';

/** How a page speaks: the same object until its language changes. */
export type Speech = {
  language: Language;
  /** Says a sentence. */
  t: Translate;
  /**
   * Changes the language of the page, and keeps it for a year. @throws TypeError where its catalog cannot be fetched
   */
  choose: (language: Language) => Promise<void>;
};

export const SpeechContext = createContext<Speech | undefined>(undefined);

/** How to speak here. One read of a context, for pages say sentences in hundreds of places at once. */
export function useTranslation(): Speech {
  const speech = useContext(SpeechContext);
  if (!speech)
    throw new Error('A component that speaks stands outside <LanguageProvider> (app/languages/provider.tsx).');
  return speech;
}
