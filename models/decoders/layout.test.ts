import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decoders } from './registry';
import { decoderWords } from './words';

const root = join(import.meta.dirname, '../..');
const names = decoders.map(({ name }) => name);

/** Where a decoder's name may stand outside its folder, and why. Paths, or folders that end in a slash. */
const allowed: Record<string, string> = {
  'models/decoders/registry.ts': 'the registration',
  'models/decoders/words.ts': 'the registration, for a page that does not load the engine',
  'models/decoders/capdec/': "CapDec is ClipCap's network, and decodes by its loop",
  'models/decoders/prefix.ts': 'clipcap-beam is a search that every decoder offers, named after where it comes from',
  'models/search/clipcap-beam.ts': 'that search',
  'models/networks/': 'architectures and the keys of their tensors, named by their papers; any decoder may use them',
  'models/weights/import/': 'importers, one a published checkpoint and named after it',
  'models/old-manifest.ts': 'what manifests meant that named no graphs',
  'server/bench/': 'benches measure published decoders beside their authors’ code, each by its name',
  'server/setup/': 'names of tests and of the bench’s lanes',
  'server/cli/memory/': 'DeCap’s memory is listed, searched and replaced',
  'server/families/small-published.ts': 'for tests: a small copy of what the importers write',
};
const isAllowed = (path: string) =>
  Object.keys(allowed).some((one) => path === one || (one.endsWith('/') && path.startsWith(one)));

/** Everything that runs, but tests and what stands in for it there. */
const sources = ['app', 'kept', 'models', 'server', 'prisma']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  )
  .filter((path) => /\.(tsx?|mjs|css)$/.test(path) && !/\.test\.tsx?$|(^|\/)(test|scripted)-/.test(path))
  .filter((path) => !path.startsWith('prisma/generated/'));

describe('a decoder is a folder', () => {
  it('that the registry and the words name, once and in the same order', () => {
    const folders = readdirSync(import.meta.dirname, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'goldens')
      .map(({ name }) => name);
    expect([...names].sort()).toEqual(folders.sort());
    expect(decoderWords.map(({ name }) => name)).toEqual(names);
    for (const [i, words] of decoderWords.entries()) expect(decoders[i]).toMatchObject(words);
  });

  it('whose graphs, networks and files nobody else has, but where one is another’s network', () => {
    const graphs = decoders.flatMap((decoder) => [...decoder.graphs, ...(decoder.insightGraphs ?? [])]);
    expect(new Set(graphs).size).toBe(graphs.length);
    const networks = new Map<string, unknown>();
    for (const [name, network] of decoders.flatMap((decoder) => Object.entries(decoder.networks))) {
      expect(networks.get(name) ?? network, name).toBe(network);
      networks.set(name, network);
    }
  });

  it('and its name stands nowhere else', () => {
    const found = sources.flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return names
        .filter((name) => text.includes(name) && !path.startsWith(`models/decoders/${name}/`))
        .map((name) => `${name} in ${path}`);
    });
    expect(found.filter((one) => !isAllowed(one.split(' in ')[1]!))).toEqual([]);
  });

  it('and each exception is still one', () => {
    for (const one of Object.keys(allowed)) {
      const texts = sources
        .filter((path) => path === one || (one.endsWith('/') && path.startsWith(one)))
        .map((path) => readFileSync(join(root, path), 'utf8'));
      expect(
        texts.some((text) => names.some((name) => text.includes(name))),
        `${one} (${allowed[one]}) names no decoder any more: take it off the list.`,
      ).toBe(true);
    }
  });
});
