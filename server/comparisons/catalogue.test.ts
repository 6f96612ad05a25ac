import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from './catalogue';
import { scratchFolder } from '../studio/test-studio';

const scratch = scratchFolder();
const manifest = {
  family: 'tiny',
  version: '1',
  space: {
    name: 'tiny',
    dim: 8,
    image: { size: 224, fit: 'squash', filter: 'bicubic', scale: 'x/127.5-1' },
    text: { context: 64, bos: 1, eos: 2 },
  },
  languageModel: { layers: 1, heads: 1, width: 8, vocabulary: 10, positions: 64, bos: 1, eos: 2 },
  files: {
    lm: { path: 'lm.safetensors', bytes: 100, sha256: 'a'.repeat(64) },
    joint: { path: 'joint.safetensors', bytes: 23, sha256: 'b'.repeat(64) },
  },
  decoders: { decap: { defaults: { beams: 3 } }, clipcap: {} },
  licence: 'research use',
  trainedOn: 'nothing',
};
beforeAll(() => {
  for (const name of ['tiny', 'space-alone', 'broken', 'no-family']) mkdirSync(join(scratch.folder, name));
  writeFileSync(join(scratch.folder, 'tiny/manifest.json'), JSON.stringify(manifest));
  const alone = { ...manifest, family: 'space-alone', decoders: {} };
  writeFileSync(join(scratch.folder, 'space-alone/manifest.json'), JSON.stringify(alone));
  writeFileSync(join(scratch.folder, 'broken/manifest.json'), '{"family":"broken"}');
});
afterAll(() => scratch.remove());

const dirs = (embedded: string) => ({ embedded, installed: join(scratch.folder, 'installed') });
const offer = () => catalogue(dirs(scratch.folder));
const plan = (request: Partial<Parameters<ReturnType<typeof catalogue>['plan']>[0]>, beside?: string[]) =>
  offer().plan({ input: { kind: 'sample' }, family: 'tiny', ...request }, beside);

describe('what a server offers', () => {
  it('five decoders, each with words and options', () => {
    const cards = offer().decoders();
    expect(cards.map((card) => card.name).sort()).toEqual(['capdec', 'clipcap', 'coca', 'decap', 'iterative']);
    for (const card of cards)
      expect([card.title, card.idea, card.trainedOn, card.accepts].every((text) => text.length > 3)).toBe(true);
  });

  it('every family with a manifest, and says what is wrong with a broken one', async () => {
    const families = await offer().families();
    expect(families.map((family) => family.name)).toEqual(['broken', 'space-alone', 'tiny']);
    expect(families[0]!.problem).toMatch(/broken\/manifest.json/);
    expect(families[2]).toMatchObject({
      dim: 8,
      bytes: 123,
      licence: 'research use',
      decoders: ['clipcap', 'decap'],
      defaults: { decap: { beams: 3 } },
    });
    await expect(catalogue(dirs(join(scratch.folder, 'nowhere'))).families()).rejects.toMatchObject({
      code: 'weights-missing',
      message: expect.stringContaining('STUDIO_FAMILIES_DIR'),
    });
  });
});

describe('a request becomes lanes', () => {
  it('all decoders of the family without a wish, and names that are told apart', async () => {
    expect((await plan({})).lanes.map((lane) => lane.id)).toEqual(['clipcap', 'decap']);
    const { lanes } = await plan({
      lanes: [{ decoder: 'decap' }, { decoder: 'decap' }, { id: 'mine', decoder: 'decap' }],
    });
    expect(lanes.map((lane) => lane.id)).toEqual(['decap', 'decap-2', 'mine']);
    const named = await plan({ lanes: [{ decoder: 'decap' }, { id: 'decap', decoder: 'decap' }] }, ['decap-2']);
    expect(named.lanes.map((lane) => lane.id)).toEqual(['decap-3', 'decap']);
  });

  it('with every option, the family’s defaults before the decoder’s', async () => {
    const [card] = offer()
      .decoders()
      .filter(({ name }) => name === 'decap');
    const { lanes } = await plan({ lanes: [{ decoder: 'decap' }] });
    expect(Object.keys(lanes[0]!.options).sort()).toEqual(card!.options.map(({ name }) => name).sort());
    // What was planned plans to the same: a replay and the engine's own check change nothing.
    expect((await plan({ lanes })).lanes).toEqual(lanes);
  });

  it('or is refused in words, before any work', async () => {
    await expect(plan({ lanes: [{ decoder: 'clipcup' }] })).rejects.toMatchObject({
      code: 'decoder-unknown',
      message: expect.stringContaining('"clipcap"'),
    });
    await expect(plan({ lanes: [{ decoder: 'coca' }] })).rejects.toMatchObject({
      code: 'decoder-unknown',
      message: expect.stringContaining('tiny has no coca'),
    });
    await expect(plan({ lanes: [{ decoder: 'decap', options: { nosuch: 1 } }] })).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('nosuch'),
    });
    await expect(
      plan({
        lanes: [
          { id: 'a', decoder: 'decap' },
          { id: 'a', decoder: 'clipcap' },
        ],
      }),
    ).rejects.toMatchObject({ code: 'option-invalid', message: expect.stringContaining('Two lanes') });
    await expect(plan({ lanes: [{ decoder: 'decap', options: { prefixTokens: [10] } }] })).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('below 10'),
    });
    await expect(plan({ family: 'space-alone' })).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringContaining('no lane'),
    });
    await expect(plan({ family: 'nosuch' })).rejects.toMatchObject({
      code: 'family-unknown',
      message: expect.stringContaining('tiny'),
    });
    await expect(plan({ family: 'broken' })).rejects.toMatchObject({ code: 'weights-invalid' });
  });
});
