import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseManifest } from './manifest';

const text = readFileSync(new URL('./pocket/manifest.json', import.meta.url), 'utf8');
const bytes = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));

/** Pocket's manifest as it was before it named its graphs. */
function old(): { files: Record<string, unknown>; decoders: Record<string, Record<string, unknown>> } {
  const json = JSON.parse(text) as Record<string, unknown> & ReturnType<typeof old>;
  delete json.graphs;
  delete json.closed;
  delete json.decoders.capdec!.assets;
  return json;
}

it('a manifest that names no graphs means those that pocket names today', () => {
  expect(parseManifest(bytes(old()), 'old')).toEqual(parseManifest(new TextEncoder().encode(text), 'new'));
});

it('of them it has those whose files it has: a family may hold some decoders only', () => {
  const { files, ...rest } = old();
  const some = Object.fromEntries(Object.entries(files).filter(([key]) => ['joint', 'lm', 'clipcap'].includes(key)));
  expect(Object.keys(parseManifest(bytes({ ...rest, files: some }), 'old').graphs)).toEqual([
    'image-tower',
    'text-tower',
    'lm',
    'clipcap.mapper',
    'clipcap.lm',
  ]);
});

it('one that names its graphs stays as it is', () => {
  const graphs = { lm: { network: 'pocket-gpt', files: ['lm'] } };
  const { graphs: read, closed } = parseManifest(bytes({ ...old(), graphs }), 'new');
  expect(Object.keys(read)).toEqual(['lm']);
  expect(closed).toBeUndefined();
});
