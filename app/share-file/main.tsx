// The script of comparisons in one HTML file (kept/share-file.ts): draws every view from the data in the file.
import { createRoot } from 'react-dom/client';
import '../views/theme.css';
import '../views/views.css';
import '../lines/lines.css';
import '../inspector/inspector.css';
import './file.css';
import './shared.css';
import { catalogs } from '../languages/catalogs';
import { bestLanguage } from '../languages/languages';
import { LanguageProvider } from '../languages/provider';
import { translator } from '../languages/translator';
import { SharedAlbum, type SharedOne } from './shared-album';

const comparisons = JSON.parse(document.getElementById('comparisons')!.textContent!) as SharedOne[];

const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark', dark.matches);
dark.addEventListener('change', follow);
follow();

// Whoever opens the file reads it in the language of the own browser.
const language = bestLanguage(navigator.languages);
document.documentElement.lang = language;
const t = translator(language, catalogs[language]);
document.title = `${comparisons.length === 1 ? comparisons[0]!.shared.title || t('One photo, side by side') : t('{{count}} comparisons', { count: comparisons.length })} · Caption Studio`;

createRoot(document.getElementById('page')!).render(
  <LanguageProvider language={language} catalog={catalogs[language]}>
    <SharedAlbum comparisons={comparisons} />
  </LanguageProvider>,
);
