import { caption } from './caption';
import { embed } from './embed';
import { families } from './families';
import { images } from './images';
import { chat } from './openai/chat';
import { embeddings } from './openai/embeddings';
import { listModels, retrieveModel } from './openai/models';
import type { Operation } from './operation';

/** All that programs can ask for, in the order of the document. */
export const operations: readonly Operation[] = [
  caption,
  embed,
  images,
  families,
  chat,
  listModels,
  retrieveModel,
  embeddings,
];

/** What a request asks for, with what stands for `{name}`; undefined where nothing has this address. */
export function operationOf(path: string): { here: readonly Operation[]; name: string } {
  const exact = operations.filter((it) => it.path === path);
  if (exact.length) return { here: exact, name: '' };
  const prefixOf = (it: Operation) => it.path.slice(0, -'{name}'.length);
  const here = operations.filter(
    (it) => it.path.endsWith('/{name}') && path.startsWith(prefixOf(it)) && path.length > prefixOf(it).length,
  );
  return { here, name: here[0] ? decodeURIComponent(path.slice(prefixOf(here[0]).length)) : '' };
}
