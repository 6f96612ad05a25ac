import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './globals.css';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import { ThemeProvider } from 'next-themes';
import type { ReactNode } from 'react';
import { catalogs } from './languages/catalogs';
import { LanguageProvider } from './languages/provider';
import { requestLanguage, requestTranslate } from './languages/request';
import { StudioClientProvider } from './client/client';

export async function generateMetadata(): Promise<Metadata> {
  const t = await requestTranslate();
  return {
    title: 'Caption Studio',
    description: t('What does this embedding say? Five families of decoders caption one photo side by side.'),
  };
}
export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default async function Layout({ children }: { children: ReactNode }) {
  // Read by the request, so every page is made for its request and its scripts carry the nonce of its answer
  // (proxy.ts).
  const nonce = /'nonce-([^']+)'/.exec((await headers()).get('content-security-policy') ?? '')?.[1];
  const language = await requestLanguage();
  return (
    <html lang={language} suppressHydrationWarning>
      <body className="min-h-dvh antialiased">
        <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange nonce={nonce}>
          <LanguageProvider language={language} catalog={catalogs[language]}>
            <StudioClientProvider>{children}</StudioClientProvider>
          </LanguageProvider>
        </ThemeProvider>
      </body>
    </html>
  );
}
