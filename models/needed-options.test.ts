import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compare } from './compare';
import { NodeRuntime } from './runtime/node';
import { Scheduler } from './runtime/scheduler';
import type { RgbImage } from './spaces/image';
import { Family } from './weights/family';
import { neededOptions } from './decoders/needed';
import { decoderNamed } from './decoders/named';
import { decoders } from './decoders/registry';
import type { OptionSpec, OptionValues } from './decoders/option-spec';

const names = (decoder: string, values: OptionValues = {}) =>
  neededOptions(decoderNamed(decoder).options, values).map(({ name }) => name);
const sampling = ['temperature', 'topK', 'topP', 'samples'];

describe('which options have a say', () => {
  it('are those of the search: of sampling only where it samples, of beams only where there are some', () => {
    expect(names('coca', { search: 'beam' })).toEqual(
      expect.arrayContaining(['search', 'beam', 'lengthPenalty', 'maxTokens', 'minTokens', 'noRepeat']),
    );
    for (const name of [...sampling, 'seed', 'candidates', 'guidance', 'degeneration'])
      expect(names('coca', { search: 'beam' })).not.toContain(name);
    expect(names('coca', { search: 'sample' })).toEqual(expect.arrayContaining([...sampling, 'seed']));
    for (const name of ['beam', 'lengthPenalty', 'guidance'])
      expect(names('coca', { search: 'sample' })).not.toContain(name);
    expect(names('clipcap', { search: 'clipcap-beam' })).not.toContain('noRepeat');
    expect(names('iterative', { search: 'rounds' })).toEqual(
      expect.arrayContaining(['rounds', 'keep', 'guidance', 'samples', 'seed']),
    );
    expect(names('iterative', { search: 'guided-beam' })).not.toContain('rounds');
  });
  it('follow what else asks for them: the seed the noise, the temperature of a projection the projection', () => {
    expect(names('capdec', { noisySamples: 0 })).not.toContain('seed');
    expect(names('capdec', { noisySamples: 0 })).not.toContain('sampleVariance');
    expect(names('capdec', { noiseVariance: 0.01 })).toContain('seed');
    expect(names('capdec', { noisySamples: 3 })).toEqual(expect.arrayContaining(['seed', 'sampleVariance']));
    expect(names('decap')).toContain('tau');
    expect(names('decap', { project: false })).not.toContain('tau');
  });
  it('leave the search to the authors’ code where it is asked for', () => {
    const left = names('decap', { mode: 'decap-1c26934' });
    for (const name of ['search', 'beam', 'maxTokens', 'project', 'tau', 'memoryRows'])
      expect(left).not.toContain(name);
    expect(left).toContain('mode');
  });
});

/** Another valid value. */
function moved(spec: OptionSpec): OptionValues[string] {
  if (spec.kind === 'number')
    return spec.default === spec.min ? Math.min(spec.max, spec.min + (spec.integer ? 3 : 0.1)) : spec.min;
  if (spec.kind === 'boolean') return !spec.default;
  return spec.default;
}

const stripes: RgbImage = {
  width: 60,
  height: 40,
  data: Uint8Array.from({ length: 60 * 40 * 3 }, (_, i) => (i % 7 < 3 ? 60 : 200)),
};

describe('what has no say', () => {
  const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
  const scheduler = new Scheduler();
  const folder = new URL('./pocket/', import.meta.url);
  let family: Family;
  beforeAll(async () => {
    family = await Family.open({
      files: { read: async (path) => new Uint8Array(await readFile(new URL(path, folder))) },
      runtime,
      precision: 'fp32',
    });
  });
  afterAll(() => runtime.close());

  it.each(decoders.map(({ name }) => name))(
    'changes no token of %s, whatever its value, in every search and way of decoding',
    async (decoder) => {
      const { options: specs } = decoderNamed(decoder);
      const choices = (name: string) =>
        specs.flatMap((spec) => (spec.name === name && spec.kind === 'choice' ? spec.choices : []));
      const ways = [
        ...choices('search').map((search) => ({ search })),
        ...choices('mode')
          .slice(1)
          .map((mode) => ({ mode })),
        ...(decoder === 'decap' ? [{ project: false }] : []),
      ];
      const lanes = ways.flatMap((way) => {
        const set: OptionValues = {
          ...(family.manifest.decoders[decoder]!.defaults as OptionValues),
          maxTokens: 4,
          ...('search' in way && way.search === 'rounds' ? { rounds: 2, samples: 3 } : {}),
          ...way,
        };
        const needed = neededOptions(specs, {
          ...Object.fromEntries(specs.map((spec) => [spec.name, spec.default])),
          ...set,
        });
        const hidden = specs.filter((spec) => !needed.includes(spec) && !(spec.name in way));
        const id = JSON.stringify(way);
        return [
          { id, decoder, options: set },
          {
            id: `${id} moved`,
            decoder,
            options: { ...set, ...Object.fromEntries(hidden.map((spec) => [spec.name, moved(spec)])) },
          },
        ];
      });
      const tokens = new Map<string, number[]>();
      for await (const event of compare(
        { family: 'pocket', input: { kind: 'image', image: stripes }, lanes },
        { scheduler, openFamily: async () => family },
      ))
        if (event.type === 'lane-finished') tokens.set(event.lane, event.result.tokens);
      expect(tokens.size).toBe(lanes.length);
      for (const way of ways)
        expect(tokens.get(`${JSON.stringify(way)} moved`), JSON.stringify(way)).toEqual(
          tokens.get(JSON.stringify(way)),
        );
    },
    180_000,
  );
});
