import { describe, expect, it } from 'vitest';
import { decoderNamed } from '@/models/decoders/named';
import type { OptionSpec } from '@/models/decoders/option-spec';
import { sweptOf, sweptTitle } from '../views/sweep-name';
import type { LaneConfig } from './benches';
import { keepSwept, newLanes, readValues, sweepable, sweepLanes, withSweep } from './sweep';

const spec = (decoder: string, name: string) =>
  decoderNamed(decoder).options.find((option) => option.name === name) as Extract<OptionSpec, { kind: 'number' }>;
const [beam, tau] = [spec('clipcap', 'beam'), spec('decap', 'tau')];
const lane: LaneConfig = { id: 'clipcap', decoder: 'clipcap', options: { lengthPenalty: 0.2 } };
const ids = (lanes: readonly LaneConfig[]) => lanes.map(({ id }) => id);

describe('values of a sweep', () => {
  it.each([
    ['1, 3, 5', [1, 3, 5]],
    ['1..4', [1, 2, 3, 4]],
    ['2 to 8 step 3', [2, 5, 8]],
    ['1, 3..5, 3', [1, 3, 4, 5]],
    ['5', [5]],
    ['', []],
    [' ;, ', []],
  ])('of a whole number: %j', (text, values) => expect(readValues(beam, text)).toEqual({ values }));

  it.each([
    ['0.1..0.3 step 0.1', [0.1, 0.2, 0.3]],
    ['0.1..0.5', [0.1, 0.2, 0.3, 0.4, 0.5]],
    ['1e-2, .5', [0.01, 0.5]],
    ['0.2..0.2', [0.2]],
  ])('of another number: %j', (text, values) => expect(readValues(tau, text)).toEqual({ values }));

  const german = { to: 'bis', step: 'Schritt', comma: true };
  it.each([
    ['2 bis 8 Schritt 3', [2, 5, 8]],
    ['1,3,5', [1, 3, 5]],
    ['1 to 3', [1, 2, 3]],
    ['1–3', [1, 2, 3]],
  ])('of a whole number, in German: %j', (text, values) => expect(readValues(beam, text, german)).toEqual({ values }));

  it.each([
    ['0,1; 0,3', [0.1, 0.3]],
    ['0,1, 0,3', [0.1, 0.3]],
    ['0,1 bis 0,3 schritt 0,1', [0.1, 0.2, 0.3]],
    ['0.1..0.3 : 0.1', [0.1, 0.2, 0.3]],
  ])('of another number, in German: %j', (text, values) => expect(readValues(tau, text, german)).toEqual({ values }));

  it.each([
    ['1, many', { code: 'unread', part: 'many' }],
    ['5..1', { code: 'backwards', part: '5..1' }],
    ['1..5 step 0', { code: 'endless', part: '1..5 step 0' }],
    ['1..5 step -1', { code: 'endless', part: '1..5 step -1' }],
    ['1..1e9', { code: 'endless', part: '1..1e9' }],
    ['1, 99', { code: 'outside', value: 99 }],
    ['1.5', { code: 'fraction', value: 1.5 }],
    ['1e999', { code: 'outside', value: Infinity }],
  ])('that cannot be taken say why: %j', (text, problem) => expect(readValues(beam, text)).toEqual({ problem }));
});

it('the words of another language are no words of this one, and a sign in one is no pattern', () => {
  expect(readValues(beam, '1 bis 3')).toEqual({ problem: { code: 'unread', part: '1 bis 3' } });
  expect(readValues(beam, '1xx3', { to: 'x+', step: '(', comma: false })).toMatchObject({
    problem: { code: 'unread' },
  });
});

describe('lanes of a sweep', () => {
  it('are the lane with one value each, in one group, named by what differs', () => {
    const made = sweepLanes(lane, 'beam', [1, 5], [lane]);
    expect(made).toEqual([
      { id: 'clipcap..beam.1', decoder: 'clipcap', options: { lengthPenalty: 0.2, beam: 1 } },
      { id: 'clipcap..beam.5', decoder: 'clipcap', options: { lengthPenalty: 0.2, beam: 5 } },
    ]);
    expect(made.map(({ id, options }) => sweptTitle(sweptOf(id)!, options))).toEqual(['beam 1', 'beam 5']);
    // The name tells what the lane has, also when that was changed later; without its options what it began with.
    expect(sweptTitle(sweptOf('clipcap..beam.5')!, { beam: 7 })).toBe('beam 7');
    expect(sweptTitle(sweptOf('clipcap..beam.5')!)).toBe('beam 5');
  });

  it('of a fraction, of words and of a sweep of a sweep are told apart again', () => {
    expect(sweptOf('decap-2..tau.0.04')).toEqual({ base: 'decap-2', option: 'tau', value: '0.04' });
    const [both] = sweepLanes({ ...lane, id: 'clipcap..beam.5' }, 'search', ['clipcap-beam'], []);
    expect(sweptOf(both!.id)).toEqual({ base: 'clipcap..beam.5', option: 'search', value: 'clipcap-beam' });
    expect(sweptOf('clipcap')).toBeUndefined();
    expect(sweptOf('clipcap-2')).toBeUndefined();
    expect(sweptOf('a..b')).toBeUndefined();
  });

  it('stand beside the lane, and a value that its group has is not doubled', () => {
    const others: LaneConfig[] = [lane, { id: 'coca', decoder: 'coca', options: {} }];
    const first = withSweep(others, 'clipcap', sweepLanes(lane, 'beam', [1, 3], others));
    expect(ids(first)).toEqual(['clipcap', 'clipcap..beam.1', 'clipcap..beam.3', 'coca']);
    const again = sweepLanes({ ...lane, options: {} }, 'beam', [3, 5], first);
    expect(newLanes(again, first)).toBe(1);
    const second = withSweep(first, 'clipcap', again);
    expect(ids(second)).toEqual(['clipcap', 'clipcap..beam.1', 'clipcap..beam.3', 'clipcap..beam.5', 'coca']);
    expect(second[2]!.options).toEqual({ beam: 3 });
    // From one of the group it goes on with the group.
    expect(ids(sweepLanes(second[1]!, 'beam', [7], second))).toEqual(['clipcap..beam.7']);
  });

  it('have names that a request may have, however long, each its own', () => {
    const deep = { ...lane, id: 'iterative-12..lengthPenalty.0.123456789..degeneration.0.1' };
    const made = sweepLanes(deep, 'lengthPenalty', [0.25, 0.5], [deep]);
    for (const { id } of made) expect(id).toMatch(/^[\w.-]{1,64}$/);
    expect(new Set(ids(made)).size).toBe(2);
    expect(sweepLanes(lane, 'search', ['a b/c'], [])[0]!.id).toBe('clipcap..search.a_b_c');
  });

  it('say their value also where it is put back to the default', () => {
    expect(keepSwept('clipcap..beam.3', {}, { beam: 5 })).toEqual({ beam: 5 });
    expect(keepSwept('clipcap..beam.3', { beam: 3 }, { beam: 5 })).toEqual({ beam: 3 });
    expect(keepSwept('clipcap', {}, { beam: 5 })).toEqual({});
  });
});

describe('options that can be swept', () => {
  it('are those that have a say in the search of the lane', () => {
    const names = (values: LaneConfig['options']) =>
      sweepable(decoderNamed('clipcap').options, {}, values).map(({ name }) => name);
    expect(names({})).toContain('beam');
    expect(names({})).not.toContain('temperature');
    expect(names({ search: 'sample' })).toContain('temperature');
    expect(names({})).not.toContain('prefixTokens');
  });
});
