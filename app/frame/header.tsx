'use client';
import { Moon, Sun } from 'lucide-react';
import { useTheme } from 'next-themes';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useSyncExternalStore } from 'react';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
import { KeepBar } from './keep-bar';
import { LanguageChoice } from './language-choice';
import { Shortcuts } from './shortcuts';
import { StorageView } from './storage-view';

const never = () => () => undefined;

const pages = [
  {
    href: '/',
    name: msg('Compare'),
    here: (path: string) => path === '/' || path.startsWith('/c/') || path === '/local',
  },
  {
    href: '/collections',
    name: msg('Collections'),
    here: (path: string) => path === '/collections' || path.startsWith('/collections/'),
  },
  { href: '/history', name: msg('History'), here: (path: string) => path === '/history' },
  { href: '/models', name: msg('Models'), here: (path: string) => path === '/models' },
  { href: '/programs', name: msg('For programs'), here: (path: string) => path === '/programs' },
];

/**
 * `comparison`: none, where the address names one that is not there. `skip`: where a keyboard jumps to past the header,
 * and how that is called. `blind`: nothing that tells the lanes of the comparison.
 */
export function Header({
  device,
  skip,
  blind = false,
  comparison = true,
}: {
  device: string;
  skip?: { to: string; what: string };
  blind?: boolean;
  comparison?: boolean;
}) {
  const { t } = useTranslation();
  const path = usePathname();
  const { resolvedTheme, setTheme } = useTheme();
  // The server cannot know the theme: the icon appears once the page runs.
  const mounted = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const dark = mounted && resolvedTheme === 'dark';
  return (
    <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-card px-4 py-2.5">
      <a href={skip?.to ?? '#lanes'} className="sr-only rounded bg-accent px-2 py-1 text-card focus:not-sr-only">
        {skip?.what ?? t('Skip to the captions')}
      </a>
      <Link href="/" className="text-base font-semibold tracking-tight">
        {t('Caption Studio')}
      </Link>
      <nav
        aria-label={t('Pages')}
        className="order-last -ml-2 flex w-full gap-1 overflow-x-auto text-sm sm:order-none sm:ml-0 sm:w-auto"
      >
        {pages.map(({ href, name, here }) => (
          <Link
            key={href}
            href={href}
            aria-current={here(path) ? 'page' : undefined}
            className="rounded-md px-2 py-1 whitespace-nowrap text-quiet hover:text-ink aria-[current=page]:bg-page aria-[current=page]:font-medium aria-[current=page]:text-ink"
          >
            {t(name)}
          </Link>
        ))}
      </nav>
      <p className="hidden border-l border-line pl-3 text-sm text-quiet italic xl:block">
        {t('What does this embedding say?')}
      </p>
      <p className="ml-auto font-mono text-xs text-quiet" data-testid="device">
        {device}
      </p>
      {!blind && comparison && <KeepBar />}
      <StorageView />
      <Shortcuts />
      <LanguageChoice />
      <button
        type="button"
        onClick={() => setTheme(dark ? 'light' : 'dark')}
        className="rounded-md border border-line p-1.5"
        aria-label={dark ? t('Use the light theme') : t('Use the dark theme')}
        title={dark ? t('Light theme') : t('Dark theme')}
      >
        {dark ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />}
      </button>
    </header>
  );
}
