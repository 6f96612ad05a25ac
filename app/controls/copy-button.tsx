'use client';
import { Check, Copy } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from '../languages/use-translation';

const saidMs = 2_000;

/** Whether something was just copied, for as long as that is said. `text` is made when it is asked for. */
export function useCopying() {
  const [copied, setCopied] = useState<'copied' | 'refused'>();
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(undefined), saidMs);
    return () => clearTimeout(timer);
  }, [copied]);
  return {
    copied,
    copy: (text: string) =>
      // Over plain http from elsewhere a browser has no clipboard to write to.
      void Promise.resolve()
        .then(() => navigator.clipboard.writeText(text))
        .then(
          () => setCopied('copied'),
          () => setCopied('refused'),
        ),
  };
}

/** Says that something was copied, to who hears the page and who sees it. */
export function useCopiedWords(copied: 'copied' | 'refused' | undefined): string {
  const { t } = useTranslation();
  if (!copied) return '';
  return copied === 'copied' ? t('Copied') : t('The browser does not let this page copy.');
}

/** Copies a text: an icon, named by `label`. */
export function CopyButton({
  label,
  text,
  className,
  children,
}: {
  label: string;
  text: string;
  className?: string;
  children?: ReactNode;
}) {
  const { copied, copy } = useCopying();
  const words = useCopiedWords(copied);
  return (
    <>
      <button type="button" className={className} aria-label={label} title={words || label} onClick={() => copy(text)}>
        {copied === 'copied' ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
        {children}
      </button>
      <span role="status" className="v-hidden">
        {words}
      </span>
    </>
  );
}
