'use client';
import { Search } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { isTyping } from './shortcuts';
import { isSwitchedOff } from './single-keys';

/** What of a page's list is looked for; `/` goes there. */
export function SearchField({
  label,
  placeholder,
  typed,
  onType,
  className = '',
}: {
  label: string;
  placeholder: string;
  typed: string;
  onType: (text: string) => void;
  className?: string;
}) {
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
    <label className={`relative min-w-40 flex-1 ${className}`}>
      <span className="sr-only">{label}</span>
      <Search size={15} aria-hidden className="absolute top-2.5 left-2.5 text-quiet" />
      <input
        ref={field}
        type="search"
        value={typed}
        onChange={(event) => onType(event.target.value)}
        placeholder={placeholder}
        aria-keyshortcuts="/"
        className="w-full rounded-md border border-line bg-card py-1.5 pr-3 pl-8 text-sm placeholder:text-quiet"
      />
    </label>
  );
}
