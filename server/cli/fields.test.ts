import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogue } from '../comparisons/catalogue';
import { drawSample, keepSample } from '../comparisons/sample';
import { openEngine } from '../engine/host';
import { readEnv } from '../env/env';
import { Studio } from '../studio/studio';
import { noModels } from '../studio/test-studio';
import { familyDirs } from '../weights/folders';
import { inProcess, jsonLines, SharedEngines } from './test-cli';
import { drawPhotos } from './test-photos';

const folder = mkdtempSync(join(tmpdir(), 'studio-fields-'));
const at = (name: string) => join(folder, name);
const engines = new SharedEngines();
const env = {
  ...process.env,
  STUDIO_DEVICE: 'cpu',
  STUDIO_INSTALLED_DIR: at('families'),
  DATABASE_URL: `file:${at('studio.db')}`,
};
const studio = (...args: string[]) => inProcess(args, { cwd: folder, env, openEngine: engines.openEngine });

/** The fields that the help of a command lists, as patterns of paths. */
function listed(help: string): { path: string; pattern: RegExp }[] {
  const list = help.slice(help.search(/^(With --json one|With --out and --json|The JSON has)/m));
  return [...list.matchAll(/^ {2}(\S+) {2,}\S/gm)].map(([, path = '']) => ({
    path,
    pattern: new RegExp(
      `^${path
        .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
        .replaceAll('\\[\\]', '(\\[\\])?')
        .replaceAll('\\{\\}', '(\\..+)?')
        .replace(/\\\.\\\*$/, '([.[].*)?')}$`,
    ),
  }));
}

/** Every path of a value: `captions[].tokens[]`. */
function paths(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.length ? value.flatMap((entry) => paths(entry, `${path}[]`)) : [path];
  if (value === null || typeof value !== 'object') return [path];
  const entries = Object.entries(value);
  return entries.length
    ? entries.flatMap(([key, entry]) => paths(entry, path ? `${path}.${key}` : key))
    : path
      ? [path]
      : [];
}

let id: string;
beforeAll(async () => {
  await drawPhotos(folder, 2);
  writeFileSync(at('mine.json'), JSON.stringify({ '0.png': ['a plain wall'], '1.png': ['a wall'] }));
  writeFileSync(at('no.png'), 'no picture');
  writeFileSync(at('mine.txt'), 'a wall\na ball\n');
  writeFileSync(at('labels.txt'), 'wall\nball\n');
  writeFileSync(at('truth.csv'), 'key,label\n0.png,wall\n');
  writeFileSync(at('names.txt'), Array.from({ length: 24 }, (_, i) => `${i}.png`).join('\n'));
  writeFileSync(
    at('pairs.json'),
    JSON.stringify(
      Array.from({ length: 24 }, (_, i) => Array.from({ length: 256 }, (__, j) => Math.sin(i * 9 + j * j))),
    ),
  );
  const made = await Studio.open(readEnv(env), {
    openEngine: () => openEngine({ device: 'cpu' }),
    catalogue: catalogue(familyDirs({})),
    sampleImage: keepSample,
    limits: { uploadBytes: 1, pixels: 1, lanes: 16 },
    models: noModels,
  });
  const picture = await made.images.save(await drawSample(), 'png');
  ({ id } = await made.comparisons.create({
    input: { kind: 'image', imageId: picture.id },
    title: 'ball.png',
    lanes: [{ decoder: 'clipcap', options: { search: 'greedy' } }, { decoder: 'decap' }],
  }));
  for await (const [, item] of made.comparisons.follow(id, -1))
    if (item.kind === 'ended') expect(item.status).toBe('finished');
  await made.close();
});
afterAll(async () => {
  await engines.close();
  rmSync(folder, { recursive: true, force: true });
});

const set = ['--images', '.', '--references', 'references.jsonl'];
const scored = ['--bootstrap', '20', '--chair', 'references', '--novelty', 'mine.txt', '--clip', 'pocket'];
const commands: [name: string, args: () => string[]][] = [
  ['caption', () => ['0.png', 'no.png', '--decoder', 'clipcap,decap']],
  ['caption', () => ['0.png', '--decoder', 'clipcap', '--out', 'rows.jsonl']],
  ['embed', () => ['0.png']],
  ['embed', () => ['0.png', '1.png', '--out', 'both.npy']],
  ['decode', () => ['--embedding', '0.npy', '--decoder', 'clipcap,coca']],
  ['memory list', () => ['pocket']],
  ['memory search', () => ['pocket', '--text', 'a wall']],
  ['memory replace', () => ['pocket', 'mine.txt', '--name', 'mine']],
  ['map fit', () => ['pairs.json', 'pairs.json', '--out', 'map.safetensors']],
  ['map apply', () => ['pairs.json', '--map', 'map.safetensors', '--out', 'mapped.npy']],
  ['classify', () => ['mapped.npy', '--keys', 'names.txt', '--labels', 'labels.txt', '--truth', 'truth.csv']],
  ['search', () => ['pairs.json', '--text', 'a wall']],
  ['search', () => ['pairs.json', '--keys', 'names.txt', '--references', 'references.jsonl']],
  ['evaluate', () => [...set, '--decoder', 'clipcap,decap']],
  ['evaluate', () => [...set, '--decoder', 'clipcap,iterative', ...scored]],
  ['reproduce', () => ['pocket', ...set, '--limit', '1']],
  ['score', () => ['--candidates', 'mine.json', '--references', 'references.jsonl']],
  ['score', () => ['--candidates', 'captions.json', '--references', 'references.jsonl']],
  ['score', () => ['--candidates', 'captions.json', '--references', 'references.jsonl', '--images', '.', ...scored]],
  ['devices', () => []],
  ['models list', () => []],
  ['models verify', () => ['pocket']],
  ['history list', () => []],
  ['history show', () => [id, '--events']],
  ['history export', () => [id, '--out', 'one.json']],
  ['history import', () => ['one.json', '--database', 'other.db']],
  ['history replay', () => [id]],
  ['history ratings', () => []],
  ['history key', () => ['new']],
  ['history key', () => ['list']],
  ['models key', () => ['new']],
  ['models key', () => ['list']],
];

describe('--help lists every field that --json prints', () => {
  it.each(commands)('%s', { timeout: 240_000 }, async (name, args) => {
    if (name === 'decode') await studio('embed', '0.png', '--out', '0.npy');
    if (name === 'score') await studio('evaluate', ...set, '--decoder', 'clipcap,decap', '--captions', 'captions.json');
    const words = name.split(' ');
    const known = listed((await studio(...words, '--help')).out);
    const { out, err } = await studio(...words, ...args(), '--json');
    const printed = new Set(jsonLines(out).flatMap((value) => paths(value)));
    expect(printed.size, err).toBeGreaterThan(0);
    // An empty list or null stands where its fields would.
    const told = (path: string) =>
      known.some(
        (one) => one.pattern.test(path) || (one.path.startsWith(path) && /^[.[{]/.test(one.path.slice(path.length))),
      );
    expect([...printed].filter((path) => !told(path))).toEqual([]);
  });

  it('misses none that is always there, and would see one that is not listed', async () => {
    const known = listed((await studio('caption', '--help')).out);
    const [said] = jsonLines((await studio('caption', '0.png', '--decoder', 'clipcap', '--json')).out);
    const [run] = jsonLines((await studio('caption', '0.png', '--out', 'all.jsonl', '--json')).out);
    const printed = [...paths(said), ...paths(run)];
    for (const path of [
      'image',
      'family',
      'device',
      'precision',
      'encodeMs',
      'captions[].decoder',
      'captions[].tokens[]',
    ])
      expect(printed).toContain(path);
    expect(known.some(({ pattern }) => pattern.test('captions[].secret'))).toBe(false);
    const always = known.filter(({ path }) => !/error|deviceReason|certainty/.test(path));
    expect(always.filter(({ pattern }) => !printed.some((path) => pattern.test(path))).map(({ path }) => path)).toEqual(
      [],
    );
    expect(readFileSync(at('references.jsonl'), 'utf8')).toContain('0.png');
  });
});
