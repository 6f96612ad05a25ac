// A sixth decoder is one folder (models/test-sixth) and its registration, which the two mocks stand for: nothing else
// in the house knows it, and the whole house has it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { compare } from '@/models/compare';
import type { LaneResult } from '@/models/events';
import { writeSafetensors } from '@/models/files/safetensors';
import { laneGraphs } from '@/models/lanes/load';
import { planLanes } from '@/models/lanes/plan';
import type { Manifest } from '@/models/manifest';
import { numbers } from '@/models/networks/goldens/golden';
import { NodeRuntime } from '@/models/runtime/node';
import { Scheduler } from '@/models/runtime/scheduler';
import { namer } from '@/models/test-sixth';
import { namerWords } from '@/models/test-sixth/words';
import { Family } from '@/models/weights/family';
import { runCheck } from '@/models/weights/self-check';
import { decodeHelp, lanesOf } from '@/server/cli/lanes';
import { catalogue } from '@/server/comparisons/catalogue';
import { decoderLook } from '../views/looks';
import { pageDefaults } from './lane-config';

vi.mock('@/models/decoders/registry', async (original) => {
  const { decoders } = await original<typeof import('@/models/decoders/registry')>();
  return { decoders: [...decoders, (await import('@/models/test-sixth')).namer] };
});
vi.mock('@/models/decoders/words', async (original) => {
  const { decoderWords } = await original<typeof import('@/models/decoders/words')>();
  return { decoderWords: [...decoderWords, (await import('@/models/test-sixth/words')).namerWords] };
});

const pocket = new URL('../../models/pocket/', import.meta.url);
const unitRow = (row: number) => Float32Array.from({ length: 256 }, (_, i) => (i === row ? 1 : 0));
const added: Record<string, Uint8Array> = {
  namer: writeSafetensors({ matrix: { dims: [256, 256], values: numbers('namer', [256, 256], 0, 0.1) } }),
  namerEntities: writeSafetensors({
    embeddings: { dims: [3, 256], values: Float32Array.from([0, 1, 2].flatMap((row) => [...unitRow(row)])) },
  }),
  namerNames: new TextEncoder().encode('a dog\na boat\na child\n'),
};

/** The embedded family with the sixth decoder's weights beside those of the others. */
function familyFiles() {
  const manifest = JSON.parse(readFileSync(new URL('manifest.json', pocket), 'utf8')) as Manifest;
  for (const [path, bytes] of Object.entries(added))
    manifest.files[path] = {
      path,
      bytes: bytes.byteLength,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  manifest.graphs['namer.mapper'] = { network: 'namer-product', files: ['namer'], settings: {} };
  manifest.graphs['namer.lm'] = { network: 'pocket-gpt', files: ['lm'], settings: {} };
  manifest.decoders.namer = { input: 'unit', begin: [], defaults: { beam: 2, maxTokens: 8 } };
  const ahead: string[] = [];
  return {
    ahead: (paths: readonly string[]) => void ahead.push(...paths),
    asked: ahead,
    read: async (path: string) =>
      path === 'manifest.json'
        ? new TextEncoder().encode(JSON.stringify(manifest))
        : (added[path] ?? new Uint8Array(readFileSync(new URL(path, pocket)))),
  };
}

const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
const load = vi.spyOn(runtime, 'load');
const files = familyFiles();
let family: Family;
beforeAll(async () => {
  family = await Family.open({ files, runtime, precision: 'q8' });
});
afterAll(() => runtime.close());

it('has its plan, its flags and its help on the command line', () => {
  expect(planLanes([{ decoder: 'namer' }], family.manifest)).toMatchObject([
    { id: 'namer', decoder: { name: 'namer' }, options: { beam: 2, named: 2, mode: 'studio' } },
  ]);
  expect(() => planLanes([{ decoder: 'nmaer' }], family.manifest)).toThrow('Did you mean "namer"?');
  expect(decodeHelp).toContain('coca, namer');
  expect(decodeHelp).toMatch(/Options of namer:\n[^]*named +Things that are named before the caption. 0 to 3 {3}\(2\)/);
  expect(lanesOf({ decoder: 'namer', option: ['namer.named=3'] }, family.manifest)).toMatchObject([
    { decoder: 'namer', options: { named: 3, beam: 2 } },
  ]);
});

it('has its card, presets, defaults, hue and letter on the page', () => {
  const card = catalogue({ embedded: 'models', installed: 'models' })
    .decoders()
    .find(({ name }) => name === 'namer')!;
  expect(card).toMatchObject({ title: 'Namer', idea: namerWords.idea, accepts: namerWords.accepts });
  expect(card.presets.map(({ name }) => name)).toEqual([
    'Without names',
    'MAGIC',
    'CLIP-guided beam',
    'Greedy',
    'Nucleus p=0.9',
  ]);
  expect(pageDefaults(card)).toMatchObject({ named: 1, search: 'beam', insight: true });
  expect(decoderLook('namer')).toMatchObject({ title: 'Namer', letter: 'W' });
  expect(decoderLook('namer').color).toContain('#5a5a00');
});

it('has its graphs made, loaded, fetched ahead and checked as they say of themselves', async () => {
  expect(family.graph('namer.mapper')).toMatchObject({ decoder: 'namer', fallback: 'cpu', precision: 'exact' });
  expect(family.graph('namer.mapper').cache).toBeUndefined();
  family.prefetch(laneGraphs(namer, family), []);
  expect(files.asked).toEqual(expect.arrayContaining(['namer', 'namerEntities', 'namerNames', 'lm.safetensors']));
  const session = await family.session('namer.mapper');
  expect(load.mock.lastCall![1]).toMatchObject({ wholeOnDevice: false, keepOnDevice: [] });
  expect(family.precisionOf('namer.mapper')).toBe('fp32');
  expect((await runCheck('namer.mapper', session, runtime, family.manifest)).prefix).toHaveLength(24);
  await family.session('namer.lm');
  expect(load.mock.lastCall![1]).toMatchObject({ wholeOnDevice: true });
  expect(load.mock.lastCall![1].keepOnDevice).toHaveLength(8);
  expect(family.precisionOf('namer.lm')).toBe('q8');
});

it('captions beside the others: by its prompt, without it, and as its authors do', async () => {
  const embedding = { space: 'pocket', modality: 'image', state: 'raw', values: unitRow(1) } as const;
  const results: Record<string, LaneResult> = {};
  for await (const event of compare(
    {
      family: 'pocket',
      input: { kind: 'embedding', embedding },
      lanes: [
        { id: 'named', decoder: 'namer' },
        { id: 'bare', decoder: 'namer', options: { named: 0 } },
        { id: 'published', decoder: 'namer', options: { mode: 'namer-1' } },
        { id: 'neighbour', decoder: 'clipcap', options: { maxTokens: 6 } },
      ],
    },
    { scheduler: new Scheduler(), openFamily: async () => family },
  )) {
    if (event.type === 'lane-failed') throw new Error(event.error.message);
    if (event.type === 'lane-finished') results[event.lane] = event.result;
  }
  expect(Object.keys(results).sort()).toEqual(['bare', 'named', 'neighbour', 'published']);
  expect(results.named!.caption).not.toBe('');
  expect(results.named!.tokens).not.toEqual(results.bare!.tokens);
  expect(results.published!.tokens.length).toBeLessThanOrEqual(6);
  expect((await family.asset(namer.assets![0]!)) as object).toMatchObject({ names: ['a dog', 'a boat', 'a child'] });
});
