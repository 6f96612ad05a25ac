'use client';
import { Moon, Sun } from 'lucide-react';
import { useTheme } from 'next-themes';
import Link from 'next/link';
import { useSyncExternalStore } from 'react';
import { Shortcuts } from './shortcuts';
import { StorageView } from './storage-view';

const never = () => () => undefined;

export function Header({ device }: { device: string }) {
  const { resolvedTheme, setTheme } = useTheme();
  // The server cannot know the theme: the icon appears once the page runs.
  const mounted = useSyncExternalStore(never, () => true, () => false);
  const dark = mounted && resolvedTheme === 'dark';
  return (
    <header className="flex items-center gap-3 border-b border-line bg-card px-4 py-2.5">
      <a href="#lanes" className="sr-only rounded bg-accent px-2 py-1 text-card focus:not-sr-only">
        Skip to the captions
      </a>
      <Link href="/" className="text-base font-semibold tracking-tight">
        Caption Studio
      </Link>
      <p className="hidden text-sm text-quiet md:block">What does this embedding say?</p>
      <p className="ml-auto font-mono text-xs text-quiet" data-testid="device">
        {device}
      </p>
      <StorageView />
      <Shortcuts />
      <button type="button" onClick={() => setTheme(dark ? 'light' : 'dark')} className="rounded-md border border-line p-1.5" aria-label={dark ? 'Use the light theme' : 'Use the dark theme'}>
        {dark ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />}
      </button>
    </header>
  );
}
