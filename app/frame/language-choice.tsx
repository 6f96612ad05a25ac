'use client';
import { Check, Languages } from 'lucide-react';
import { usePathname, useRouter } from 'next/navigation';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { renewPagesOffline } from '../engine/offline';
import { isLanguage, type Language, languageCodes, languages } from '../languages/languages';
import { useTranslation } from '../languages/use-translation';

/** Which language the page speaks; each is called by its own name. */
export function LanguageChoice() {
  const { t, language, choose } = useTranslation();
  const [failed, setFailed] = useState(false);
  const path = usePathname();
  const router = useRouter();
  const change = async (wanted: Language) => {
    setFailed(false);
    try {
      await choose(wanted);
    } catch {
      return setFailed(true);
    }
    void renewPagesOffline();
    // Titles come from the server. The studio's own is the same in every language, and what runs on its page must not
    // be disturbed.
    if (path === '/history' || path === '/models' || path.startsWith('/s/')) router.refresh();
  };
  return (
    <>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger
          className="flex items-center gap-1 rounded-md border border-line p-1.5"
          aria-label={t('Language: {{name}}', { name: languages[language] })}
          title={t('Language')}
          data-testid="language"
        >
          <Languages size={16} aria-hidden />
          <span aria-hidden className="hidden font-mono text-xs leading-4 uppercase sm:inline">
            {language}
          </span>
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content
            align="end"
            sideOffset={4}
            collisionPadding={8}
            className="z-30 min-w-36 rounded-md border border-line bg-card p-1 text-ink shadow-lg"
          >
            <DropdownMenu.RadioGroup
              value={language}
              onValueChange={(wanted) => isLanguage(wanted) && void change(wanted)}
            >
              {languageCodes.map((code) => (
                <DropdownMenu.RadioItem
                  key={code}
                  value={code}
                  lang={code}
                  className="flex cursor-default items-center justify-between gap-4 rounded px-2 py-1.5 text-sm outline-none data-highlighted:bg-page"
                >
                  {languages[code]}
                  <DropdownMenu.ItemIndicator>
                    <Check size={14} aria-hidden />
                  </DropdownMenu.ItemIndicator>
                </DropdownMenu.RadioItem>
              ))}
            </DropdownMenu.RadioGroup>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
      {failed && (
        <p
          role="alert"
          className="fixed top-16 right-4 z-30 max-w-sm rounded-md border border-danger bg-card p-3 text-sm text-danger shadow-lg"
        >
          {t('This language could not be fetched from the studio. Is it still running? Then try again.')}{' '}
          <button type="button" className="underline" onClick={() => setFailed(false)}>
            {t('Close')}
          </button>
        </p>
      )}
    </>
  );
}
