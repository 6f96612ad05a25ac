import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { why } from '../../errors/why';
import { oneLine } from './pictures';

export type FolderList = {
  /** Of all files below it, by name, with `/`. */
  paths: string[];
  /** Folders that cannot be looked into, and why; the folder itself is ''. */
  closed: { path: string; why: string }[];
};

/**
 * All files below a folder, without what is hidden (`.name`). Links are followed, but for those that lead back into a
 * folder that they lie in.
 */
export async function filesIn(folder: string): Promise<FolderList> {
  const list: FolderList = { paths: [], closed: [] };
  await walk(folder, '', [], list);
  return list;
}

async function walk(folder: string, inside: string, above: readonly string[], list: FolderList): Promise<void> {
  const full = join(folder, inside);
  let entries: Dirent[];
  let here: string;
  try {
    entries = await readdir(full, { withFileTypes: true });
    const { dev, ino } = await stat(full, { bigint: true });
    here = `${dev}:${ino}`;
  } catch (cause) {
    list.closed.push({ path: inside, why: why(cause) });
    return;
  }
  if (above.includes(here)) return;
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue;
    const path = inside ? `${inside}/${entry.name}` : entry.name;
    const kind = entry.isSymbolicLink() ? await stat(join(folder, path)).catch(() => undefined) : entry;
    if (kind?.isDirectory()) await walk(folder, path, [...above, here], list);
    else if (kind?.isFile()) list.paths.push(path);
  }
}

/** What is told of folders that nobody may look into. @param shown the folder as the person gave it */
export function closedFolders(shown: string, { closed }: FolderList): string[] {
  const told = closed.slice(0, 3).map(({ path, why: reason }) => {
    const name = path ? `${shown.replace(/[/\\]$/, '')}/${path}` : shown;
    return `${oneLine(name)} cannot be looked into: ${reason}. Its photos are left out.`;
  });
  const more = closed.length - told.length;
  return more ? [...told, `${more} more folders of ${oneLine(shown)} cannot be looked into.`] : told;
}
