import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { Certainty } from '@/models/certainty';
import en from '../languages/en.json';
import { LanguageProvider } from '../languages/provider';
import type { LaneFilm } from '../views/film';
import { Doubt } from './doubt';

const said = (...certainties: (Certainty | undefined)[]) =>
  renderToStaticMarkup(
    <LanguageProvider language="en" catalog={en}>
      <Doubt
        family="pocket"
        lanes={certainties.map((certainty, i) => ({ id: String(i), result: { certainty } }) as unknown as LaneFilm)}
      />
    </LanguageProvider>,
  ).replace(/<[^>]+>/g, '');

describe('doubt', () => {
  it('is said where most of the captions that were judged are unsure, and only there', () => {
    expect(said('unsure', 'unsure', 'likely', 'unsure', undefined)).toMatch(
      /^3 of 4 lanes are unsure\. .*the family pocket has seen too little/,
    );
    expect(said('unsure', 'likely')).toBe('');
    expect(said('likely', 'likely', 'unsure')).toBe('');
    expect(said(undefined, undefined)).toBe('');
  });
});
