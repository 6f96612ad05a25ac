import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { decoderNamed } from '../../models/decoders/named';
import { parseEffects } from '../../models/weights/effects';
import { catalogue } from './catalogue';

describe('measured effects', () => {
  it('of the embedded family name options that its decoders have, and say what the recipe was told', async () => {
    const shipped = parseEffects(await readFile('models/pocket/effects.json', 'utf8'));
    for (const { decoder, option } of [...shipped.effects, ...shipped.notMeasured])
      if (option) expect(decoderNamed(decoder).options.map(({ name }) => name)).toContain(option);
    const { effects } = JSON.parse(await readFile('models/training/choices.json', 'utf8')) as { effects: unknown };
    expect(shipped).toEqual(effects);
  });

  it('reach the page with their family', async () => {
    const [pocket] = await catalogue().families();
    expect(pocket?.effects?.effects.find(({ option }) => option === 'project')).toMatchObject({ decoder: 'decap' });
  });
});
