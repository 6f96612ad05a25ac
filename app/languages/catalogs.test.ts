import { describe, expect, it } from 'vitest';
import { acceptedLanguage } from './accept-language';
import { catalogs } from './catalogs';
import { placeholdersOf, sentencesOfData, sentencesOfSource, unmarkedSentences } from './find-sentences';
import { bestLanguage, type Language, languageCodes } from './languages';
import { translator } from './translator';

const found = [...sentencesOfSource(), ...sentencesOfData()];
const counted = new Set(found.filter((one) => one.counted).map(({ key }) => key));
const plain = new Set(found.filter((one) => !one.counted).map(({ key }) => key));

/**
 * The keys that a language's catalog has to have: a counted sentence by its plural forms. English says its keys as they
 * are, but for its singulars.
 */
function expected(language: Language): Set<string> {
  if (language === 'en') return new Set([...counted].map((key) => `${key}_one`));
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  return new Set([...plain, ...[...counted].flatMap((key) => forms.map((form) => `${key}_${form}`))]);
}
/** The sentence that a key says in English. */
const english = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '').replace(/_(key|cosine)$/, '');

describe('catalogs of languages', () => {
  it('are looked for in a page that says hundreds of sentences', () => {
    expect(plain.size).toBeGreaterThan(600);
    expect(counted.size).toBeGreaterThan(20);
    expect(
      [...counted].filter((key) => plain.has(key)),
      'said with a count here and without one there',
    ).toEqual([]);
  });

  it('are asked for every sentence: none stands unmarked in the source', () => {
    expect(unmarkedSentences()).toEqual([]);
  });

  it.each(languageCodes)('%s says every sentence of the page, and no other', (language) => {
    const keys = Object.keys(catalogs[language]);
    const wanted = expected(language);
    const where = new Map(found.map((one) => [one.key, one.where]));
    expect(
      [...wanted]
        .filter((key) => !keys.includes(key))
        .map((key) => `${key}  (${where.get(key) ?? where.get(english(key)) ?? 'a plural'})`),
      'missing',
    ).toEqual([]);
    expect(
      keys.filter((key) => !wanted.has(key)),
      'left over',
    ).toEqual([]);
  });

  it.each(languageCodes)('%s puts in what the English sentence puts in', (language) => {
    const wrong = Object.entries(catalogs[language]).filter(([key, sentence]) => {
      const [is, has] = [placeholdersOf(sentence), placeholdersOf(english(key))];
      // A singular may say its one in words.
      const optional = /_(zero|one|two)$/.test(key) ? (name: string) => name !== '{{count}}' : () => true;
      return (
        !sentence.trim() ||
        is.filter(optional).join() !== has.filter(optional).join() ||
        (is.includes('{{count}}') && !has.includes('{{count}}'))
      );
    });
    expect(wrong).toEqual([]);
  });
});

describe('a translator', () => {
  it('says a sentence, its plural and what it does not know in English, and never takes what is put in for a sentence', () => {
    const t = translator('en', catalogs.en);
    expect(t('{{count}} lanes', { count: 1 })).toBe('1 lane');
    expect(t('{{count}} lanes', { count: 5 })).toBe('5 lanes');
    const words = translator('de', catalogs.de);
    expect([
      words('Save'),
      words('Save'),
      words('{{count}} lanes', { count: 2 }),
      words('{{count}} lanes', { count: 1 }),
    ]).toEqual(['Speichern', 'Speichern', '2 Spuren', '1 Spur']);
    expect(t('Nobody: has. said {{this}}', { this: '$t(Save) {{count}} <b>' })).toBe(
      'Nobody: has. said $t(Save) {{count}} <b>',
    );
  });
});

describe('the language of a first visit', () => {
  it.each([
    ['de', 'de'],
    ['de-AT', 'de'],
    ['DE-ch-1996, en;q=0.9', 'de'],
    ['de-AT, en;q=0.9, de;q=0.8', 'de'],
    ['en;q=0.5,de-CH', 'de'],
    ['en;q=0.3 , de ; q = 0.4', 'de'],
    ['da, en-GB;q=0.8, de;q=0.9', 'de'],
    ['da, en-GB;q=0.8, de;q=0.7', 'en'],
    ['da, *;q=0.5, de;q=0', 'en'],
    ['de;q=0', 'en'],
    ['de;q=much, en', 'en'],
    ['da, fr;q=0.5', 'en'],
    ['*', 'en'],
    ['', 'en'],
    [' ;;,=,;q=1,"de, -, äö', 'en'],
    ['constructor, __proto__, de;q=0.1', 'de'],
  ])('is, for %j, %s', (header, language) => expect(acceptedLanguage(header)).toBe(language));

  it('is, for a file that is opened, the first of the browser’s that there is', () => {
    expect(bestLanguage(['da', 'de-AT', 'en'])).toBe('de');
    expect(bestLanguage(['tlh', 'constructor'])).toBe('en');
    expect(bestLanguage([])).toBe('en');
  });
});
