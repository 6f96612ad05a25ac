import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { DecoderCard } from '@/kept/answers';
import { neededOptions } from '@/models/decoders/needed';
import { decoders } from '@/models/decoders/registry';
import en from '../languages/en.json';
import { LanguageProvider } from '../languages/provider';
import { LaneOptions } from './lane-options';
import { type OptionSet, pageDefaults } from './lane-config';

const drawn = (decoder: string, values: OptionSet) => {
  const card = decoders.find(({ name }) => name === decoder) as DecoderCard;
  const html = renderToStaticMarkup(
    <LanguageProvider language="en" catalog={en}>
      <LaneOptions id="one" card={card} defaults={pageDefaults(card)} values={values} onChange={() => undefined} />
    </LanguageProvider>,
  );
  const [first = '', more = ''] = html.split('<details');
  const names = (part: string) => [...part.matchAll(/id="one-(\w+)-name"/g)].map(([, name]) => name);
  return { html, first: names(first), more: names(more) };
};

describe('options of a lane', () => {
  it('are few at first: the search, its beams, the length, and each decoder’s own knob', () => {
    expect(drawn('clipcap', {}).first).toEqual(['search', 'beam', 'maxTokens']);
    expect(drawn('decap', {}).first).toEqual(['search', 'beam', 'maxTokens', 'tau']);
    expect(drawn('capdec', {}).first).toEqual(['search', 'beam', 'maxTokens', 'seed', 'noiseVariance']);
    expect(drawn('coca', {}).first).toEqual(['search', 'beam', 'maxTokens', 'rerank']);
    expect(drawn('iterative', {}).first).toEqual(['search', 'beam', 'maxTokens', 'guidance']);
    expect(drawn('clipcap', { search: 'sample' }).first).toEqual(['search', 'maxTokens', 'temperature', 'seed']);
  });

  it('are all there, behind More, each by a plain name of its own', () => {
    for (const card of decoders) {
      const search = card.options.find((spec) => spec.name === 'search');
      for (const chosen of search?.kind === 'choice' ? search.choices : []) {
        const { first, more } = drawn(card.name, { search: chosen });
        const needed = neededOptions(card.options, { ...pageDefaults(card as DecoderCard), search: chosen });
        expect([...first, ...more].sort(), `${card.name}, ${chosen}`).toEqual(
          needed.flatMap((spec) => (spec.kind === 'tokens' ? [] : [spec.name])).sort(),
        );
        expect(first.length, `${card.name}, ${chosen}`).toBeLessThanOrEqual(6);
      }
      expect(new Set(card.options.map(({ title }) => title)).size).toBe(card.options.length);
    }
  });

  it('look unchanged where nothing was changed, and count what was', () => {
    expect(drawn('clipcap', {}).html).not.toMatch(/data-changed|font-bold|\d changed/);
    const { html } = drawn('clipcap', { beam: 2, lengthPenalty: 0, noRepeat: 1 });
    expect(html.match(/data-changed/g)).toHaveLength(3);
    expect(html).toContain('More (2 changed)');
    expect(html).toContain('aria-label="Beams: back to its default, 5"');
  });

  it('mark a number that the option cannot have', () => {
    expect(drawn('clipcap', { beam: 40 }).html).toMatch(/aria-invalid="true"[^>]*value="40"/);
    expect(drawn('clipcap', { beam: 1.5 }).html).toContain('aria-invalid="true"');
    expect(drawn('clipcap', { beam: 32 }).html).not.toContain('aria-invalid="true"');
  });
});
