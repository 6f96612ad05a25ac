import * as units from '@/models/units';
import { useTranslation } from './use-translation';

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
  const place =
    (typeof navigator === 'undefined' ? [] : (navigator.languages ?? [])).find(
      (tag) => tag.split('-')[0] === language,
    ) ?? language;
  const formats: Intl.NumberFormat[] = [];
  const fixed = (x: number, digits: number) =>
    (formats[digits] ??= new Intl.NumberFormat(language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      useGrouping: false,
      signDisplay: 'negative',
    })).format(x);
  // Made once, when it is first asked for: to make one costs many times its use (a date's a hundred times).
  const once = <Format>(make: () => Format) => {
    let made: Format | undefined;
    return () => (made ??= make());
  };
  const grouped = once(() => new Intl.NumberFormat(language));
  const full = once(() => new Intl.NumberFormat(language, { maximumFractionDigits: 6 }));
  const moments = once(() => new Intl.DateTimeFormat(place, { dateStyle: 'medium', timeStyle: 'short' }));
  return {
    /** So many digits after the point; what rounds to zero has no sign. */
    fixed,
    /** The same with a true minus; a dash where there is none. */
    decimals: (x: number | undefined, digits: number) =>
      x === undefined || !Number.isFinite(x) ? '–' : minus(fixed(x, digits)),
    whole: (x: number) => grouped().format(x),
    /** As it was set, with all its digits. */
    exact: (x: number) => full().format(x),
    milliseconds: (ms: number) =>
      ms >= 1000 ? `${fixed(ms / 1000, 1)} s` : ms >= 10 ? `${Math.round(ms)} ms` : `${fixed(ms, 1)} ms`,
    percent: (p: number) =>
      p >= 0.995
        ? '100 %'
        : p >= 0.1
          ? `${Math.round(100 * p)} %`
          : p >= 0.001
            ? `${fixed(100 * p, 1)} %`
            : `< ${fixed(0.1, 1)} %`,
    /** Of memory. */
    bytes: (n: number) => (n >= 1e9 ? `${fixed(n / 1e9, 2)} GB` : `${fixed(n / 1e6, 0)} MB`),
    /** Of files. */
    amount: (bytes: number) => units.amount(bytes, fixed),
    megabytes: (bytes: number) =>
      `${(bytes / 1e6).toLocaleString(language, { maximumFractionDigits: bytes < 1e7 ? 1 : 0 })} MB`,
    duration: units.duration,
    moment: (date: Date) => moments().format(date),
    longMoment: (date: Date) => date.toLocaleString(place, { dateStyle: 'long', timeStyle: 'short' }),
    time: (date: Date) => date.toLocaleTimeString(place),
  };
}

export const minus = (text: string) => text.replace('-', '−');

/** Numbers in the language of the page. */
export function useNumbers(): Numbers {
  return numbersIn(useTranslation().language);
}
