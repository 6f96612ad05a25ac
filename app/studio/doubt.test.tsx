import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { SampleName } from '@/kept/samples';
import type { Certainty } from '@/models/certainty';
import en from '../languages/en.json';
import { LanguageProvider } from '../languages/provider';
import type { LaneFilm } from '../views/film';
import { Doubt, doubtOf } from './doubt';

const lanes = (...certainties: (Certainty | undefined)[]) =>
  certainties.map((certainty, i) => ({ id: String(i), status: 'done', result: { certainty } }) as unknown as LaneFilm);
const said = (shown: readonly LaneFilm[], sample?: SampleName, family = 'pocket') =>
  renderToStaticMarkup(
    <LanguageProvider language="en" catalog={en}>
      <Doubt family={family} lanes={shown} sample={sample} />
    </LanguageProvider>,
  ).replace(/<[^>]+>/g, '');

describe('doubt', () => {
  it('is graded by how many of the captions that were judged are unsure', () => {
    const grade = (...certainties: (Certainty | undefined)[]) => doubtOf(lanes(...certainties)).grade;
    expect(grade('likely', 'likely')).toBe('none');
    expect(grade('unsure', 'likely', 'likely')).toBe('some');
    expect(grade('unsure', 'likely')).toBe('some');
    expect(grade('unsure', 'unsure', 'likely', undefined)).toBe('most');
    expect(grade('unsure', 'unsure', undefined)).toBe('all');
  });

  it('says why, and how many', () => {
    expect(said(lanes('unsure', 'unsure', 'likely', 'unsure', undefined))).toMatch(
      /^3 of 4 lanes are unsure\. Why\?On photos .*the family pocket has seen too little/,
    );
    expect(said(lanes('unsure', 'likely'))).toMatch(/^1 of 2 lanes is unsure|^1 of 2 lanes are unsure/);
    expect(said(lanes('unsure', 'unsure'))).toMatch(/^The model is unsure of all 2: expect details to be wrong\./);
    expect(said(lanes('unsure'))).toMatch(/^The model is unsure: expect details to be wrong\./);
  });

  it('says why a sample is got wrong, of the family that does, once all have said it, and not where one got it right', () => {
    const saying = (...captions: string[]) =>
      captions.map((caption, i) => ({ id: String(i), status: 'done', result: { caption } }) as unknown as LaneFilm);
    const wrong = saying('a girl on a toy car', 'a dog');
    expect(said(wrong, 'cat')).toMatch(/^pocket gets this one wrong\. Why\?pocket learned from some thousand photos/);
    expect(said(wrong, 'cat', 'clip')).toMatch(/^A drawing:/);
    expect(said(wrong, 'skier')).toMatch(/^A drawing:/);
    expect(said(saying('a dog', 'two cats on a sofa'), 'cat')).toMatch(/^A drawing:/);
    expect(said([...wrong, { ...wrong[0]!, status: 'running', result: undefined }], 'cat')).toMatch(/^2 of 3 lanes/);
  });

  it('has something calm to say else, in the same place: while lanes run, of a drawing, where nobody measured', () => {
    const running = { ...lanes('unsure')[0]!, status: 'running' as const, result: undefined };
    expect(said([...lanes('unsure'), running])).toBe('1 of 2 lanes have ended.');
    expect(said(lanes('likely', 'likely'))).toMatch(/^No lane is unsure\./);
    expect(said(lanes('unsure'), 'dog')).toMatch(/^A drawing:/);
    expect(said(lanes(undefined))).toMatch(/no trust was measured/);
  });
});
