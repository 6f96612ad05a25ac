import { StudioError } from '../../errors';
import { clipKinds } from './clip';
import { clipcapKinds } from './clipcap';
import { cocaKinds } from './coca';
import { decapKind } from './decap';
import { gpt2Kind } from './gpt2';
import { memoryKind } from './memory';
import type { ImportKind, PublishedSource } from './types';

/** Every kind of checkpoint that can be imported: spaces first, then what joins them. */
export const importKinds: readonly ImportKind[] = [...clipKinds, gpt2Kind, ...clipcapKinds, decapKind, ...cocaKinds];

/** Every published checkpoint that is known by name, with its kind. */
export const publishedSources: readonly (PublishedSource & { kind: string })[] = importKinds.flatMap((kind) =>
  kind.published.map((one) => ({ ...one, kind: kind.id })),
);

/** @throws option-invalid that lists the known ones */
export function importKind(id: string): ImportKind {
  const kind = [...importKinds, memoryKind].find((one) => one.id === id);
  if (!kind)
    throw new StudioError(
      'option-invalid',
      `There is no kind of checkpoint "${id}". Known are ${importKinds.map((one) => one.id).join(', ')}.`,
    );
  return kind;
}
