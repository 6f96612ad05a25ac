import { Search } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { isTyping } from '../frame/shortcuts';
import { isSwitchedOff } from '../frame/single-keys';
import { useTranslation } from '../languages/use-translation';

type Props = {
  typed: string;
  onType: (typed: string) => void;
  /** How many of how many models are shown. */
  shown: number;
  of: number;
};

/** What of the catalog is looked for. */
export function ModelSearch({ typed, onType, shown, of }: Props) {
  const { t } = useTranslation();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event) || isSwitchedOff(event)) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <label className="relative min-w-40 flex-1 basis-72">
        <span className="sr-only">{t('Search models')}</span>
        <Search size={15} aria-hidden className="absolute top-2.5 left-2.5 text-quiet" />
        <input
          ref={field}
          type="search"
          value={typed}
          onChange={(event) => onType(event.target.value)}
          placeholder={t('Search by name, decoder, space, licence')}
          aria-keyshortcuts="/"
          className="w-full rounded-md border border-line bg-card py-1.5 pr-3 pl-8 text-sm placeholder:text-quiet"
        />
      </label>
      <p role="status" className="text-sm text-quiet">
        {typed.trim() &&
          (shown
            ? t('{{shown}} of {{of}} models', { shown, of })
            : t('No model has “{{search}}” in its name, its facts or its sentence.', { search: typed.trim() }))}
      </p>
    </div>
  );
}
