import { caption } from './caption';
import { classify } from './classify';
import {
  collectionCard,
  collectionRows,
  exportCollection,
  listCollections,
  setCollection,
  startCollection,
} from './collections';
import { decode } from './decode';
import { embed } from './embed';
import { families } from './families';
import { images } from './images';
import { chat } from './openai/chat';
import { embeddings } from './openai/embeddings';
import { listModels, retrieveModel } from './openai/models';
import type { Operation } from './operation';
import { search } from './search';

/** All that programs can ask for, in the order of the document. */
export const operations: readonly Operation[] = [
  caption,
  decode,
  embed,
  classify,
  search,
  startCollection,
  listCollections,
  collectionCard,
  collectionRows,
  setCollection,
  exportCollection,
  images,
  families,
  chat,
  listModels,
  retrieveModel,
  embeddings,
];

/** What a request asks for, with what stands for `{name}`: at the end of an address whatever is there, else a part. */
export function operationOf(path: string): { here: readonly Operation[]; name: string } {
  for (const { path: template } of operations) {
    const name = nameIn(path, template);
    if (name !== undefined) return { here: operations.filter((it) => it.path === template), name };
  }
  return { here: [], name: '' };
}

/** What stands for `{name}`, decoded; '' where the address has none; undefined where it is another address. */
function nameIn(path: string, template: string): string | undefined {
  const [before = '', after] = template.split('{name}');
  if (after === undefined) return path === template ? '' : undefined;
  if (!path.startsWith(before) || !path.endsWith(after)) return undefined;
  const name = path.slice(before.length, path.length - after.length);
  // Names of models have a slash in them; others are one part.
  if (!name || path.length < before.length + after.length) return undefined;
  const decoded = decodeURIComponent(name);
  return name.includes('/') && !template.startsWith('/v1/models/') ? undefined : decoded;
}
