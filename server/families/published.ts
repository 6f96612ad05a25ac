import { importKinds, publishedSources } from '../../models/weights/import/kinds';
import type { ImportKind } from '../../models/weights/import/types';
import type { Source } from './import-job';
import { ownFormat } from './own-format';
import type { ImportKindCard } from './types';

/** Every published checkpoint that is known by name (models/weights/import/*), as the catalog shows and pulls it. */
export const publishedModels: readonly Source[] = publishedSources.map(({ kind: id, ...source }) => {
  const { adds, goodAt } = importKinds.find((kind) => kind.id === id)!;
  return { ...source, kind: id, adds, goodAt };
});

/** Every kind of checkpoint that a user can import, for people. */
export const importKindCards: readonly ImportKindCard[] = [...importKinds.map(cardOf), ownFormat];

function cardOf({
  id,
  title,
  goodAt,
  adds,
  files,
  shapes,
  options,
  licence,
  source,
  published,
}: ImportKind): ImportKindCard {
  return {
    id,
    title,
    goodAt,
    adds,
    files: files.map(({ title: what, required }) => ({ title: what, required })),
    shapes: [...shapes],
    options: options.map(({ choices, ...option }) => ({ ...option, ...(choices ? { choices: [...choices] } : {}) })),
    licence,
    source,
    ...(published[0]?.needs ? { needs: published[0].needs } : {}),
  };
}
