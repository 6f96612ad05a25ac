import { basename } from 'node:path';

/** A whole path: at the beginning of a word, at least two names deep; no address of the web and no `a/b`. */
const path = /(?<![\p{L}\p{N}_.:/…-])(?:\/|[A-Za-z]:\\)(?:[^\s/\\"'“”„()<>,;]+[/\\])+[^\s/\\"'“”„()<>,;]*/gu;

/**
 * A sentence for browsers that may not learn where the server's folders lie: of each path only its last name is left.
 * @param folders known folders, which may have spaces in their names
 */
export function withoutPaths(sentence: string, folders: readonly string[] = []): string {
  let told = sentence;
  for (const folder of [...folders].filter((each) => each.length > 1).sort((a, b) => b.length - a.length))
    told = told.replaceAll(folder, `…/${basename(folder)}`);
  return told.replace(path, (found) => {
    const end = /[.:]*$/.exec(found)![0];
    const names = found.slice(0, found.length - end.length).split(/[/\\]/);
    return `…/${names.findLast(Boolean) ?? ''}${end}`;
  });
}
