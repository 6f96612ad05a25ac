import { expect, it } from 'vitest';
import { publishedModels } from '@/server/families/published';
import { findsInstalled, findsPublished } from './find-models';

const found = (search: string, t = (sentence: string) => sentence) =>
  publishedModels.filter((model) => findsPublished(model, search, t)).map(({ name }) => name);

it('finds published models by any words that are said of them, all of them', () => {
  expect(found('')).toHaveLength(publishedModels.length);
  expect(found('coca L/14').sort()).toEqual(['coca-vit-l14', 'coca-vit-l14-coco']);
  expect(found('  CLIPCAP   coco ')).toContain('clipcap-coco');
  expect(found('laion')).toContain('coca-vit-b32');
  expect(found('no such model')).toEqual([]);
  // In the page's words too.
  expect(found('schnäbel', () => 'Schnäbel')).toHaveLength(publishedModels.length);
});

it('finds families that are here by their decoders and spaces', () => {
  const family = {
    ...{ name: 'mine', embedded: false, bytes: 1, decoders: ['clipcap'], licence: 'MIT', trainedOn: '', origins: [] },
    space: { name: 'clip-vit-b32', dim: 512 },
  };
  expect(['mine', 'ClipCap b32', 'mit'].map((search) => findsInstalled(family, search))).toEqual([true, true, true]);
  expect(findsInstalled(family, 'decap')).toBe(false);
});
