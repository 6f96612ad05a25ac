import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { folderBytes } from './disk';
import type { Unfinished } from './types';

/**
 * `.staging/NAME` of the folder of installed families: `job.json` says what is being made, `download/` holds the
 * checkpoint's files as
 * they arrive, `family/` the family as the import writes it. It is on the same disk as its destination, so the last
 * step is a rename.
 */
export type Staging = { folder: string; download: string; family: string };
export const stagingOf = (installed: string, name: string): Staging => {
  const folder = join(installed, '.staging', name);
  return { folder, download: join(folder, 'download'), family: join(folder, 'family') };
};

const job = z.object({
  kind: z.literal('pull'),
  published: z.string(),
  base: z.string().optional(),
  bytes: z.number(),
  begun: z.number(),
});
export type PullNote = z.infer<typeof job>;

export async function notePull(installed: string, name: string, note: Omit<PullNote, 'kind'>): Promise<Staging> {
  const staging = stagingOf(installed, name);
  await mkdir(staging.download, { recursive: true });
  await writeFile(join(staging.folder, 'job.json'), JSON.stringify({ kind: 'pull', ...note }));
  return staging;
}

export async function unfinished(installed: string): Promise<Unfinished[]> {
  const names = await readdir(join(installed, '.staging')).catch(() => []);
  const found = await Promise.all(
    names.map(async (name): Promise<Unfinished[]> => {
      const { folder, download } = stagingOf(installed, name);
      const text = await readFile(join(folder, 'job.json'), 'utf8').catch(() => undefined);
      if (text === undefined) return [];
      try {
        const { published, base, bytes, begun } = job.parse(JSON.parse(text));
        return [
          {
            name,
            published,
            ...(base ? { base } : {}),
            bytes,
            begun,
            received: Math.min(bytes, await folderBytes(download)),
          },
        ];
      } catch {
        return [];
      }
    }),
  );
  return found.flat().sort((a, b) => a.name.localeCompare(b.name));
}
