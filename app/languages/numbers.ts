import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import * as units from '@/models/units';

export type Numbers = ReturnType<typeof make>;
const known = new Map<string, Numbers>();

/** Numbers, amounts and moments as people of a language write them; never for what a program reads. */
export function numbersIn(language: string): Numbers {
  let numbers = known.get(language);
  if (!numbers) known.set(language, (numbers = make(language)));
  return numbers;
}

function make(language: string) {
  // Dates as the browser's region of the language has them.
  const place = (typeof navigator === 'undefined' ? [] : (navigator.languages ?? [])).find((tag) => tag.split('-')[0] === language) ?? language;
  const formats: Intl.NumberFormat[] = [];
  const fixed = (x: number, digits: number) => (formats[digits] ??= new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false })).format(x);
  return {
    /** So many digits after the point. */
    fixed,
    /** The same with a true minus; a dash where there is none. */
    decimals: (x: number | undefined, digits: number) => (x === undefined || !Number.isFinite(x) ? '–' : minus(fixed(x, digits))),
    whole: (x: number) => x.toLocaleString(language),
    /** As it was set, with all its digits. */
    exact: (x: number) => x.toLocaleString(language, { maximumFractionDigits: 6 }),
    milliseconds: (ms: number) => (ms >= 1000 ? `${fixed(ms / 1000, 1)} s` : ms >= 10 ? `${Math.round(ms)} ms` : `${fixed(ms, 1)} ms`),
    percent: (p: number) => (p >= 0.995 ? '100 %' : p >= 0.1 ? `${Math.round(100 * p)} %` : p >= 0.001 ? `${fixed(100 * p, 1)} %` : `< ${fixed(0.1, 1)} %`),
    /** Of memory. */
    bytes: (n: number) => (n >= 1e9 ? `${fixed(n / 1e9, 2)} GB` : `${fixed(n / 1e6, 0)} MB`),
    /** Of files. */
    amount: (bytes: number) => units.amount(bytes, fixed),
    megabytes: (bytes: number) => `${(bytes / 1e6).toLocaleString(language, { maximumFractionDigits: bytes < 1e7 ? 1 : 0 })} MB`,
    duration: units.duration,
    moment: (date: Date) => date.toLocaleString(place, { dateStyle: 'medium', timeStyle: 'short' }),
    longMoment: (date: Date) => date.toLocaleString(place, { dateStyle: 'long', timeStyle: 'short' }),
    time: (date: Date) => date.toLocaleTimeString(place),
  };
}

export const minus = (text: string) => text.replace('-', '−');

/** Numbers in the language of the page. */
export function useNumbers(): Numbers {
  const { i18n } = useTranslation();
  return useMemo(() => numbersIn(i18n.language ?? 'en'), [i18n.language]);
}
