import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { extract } from 'tar-stream';
import { StudioError } from '../../models/errors';
import { readBytes } from './photo';

/**
 * Pictures of a folder or a .tar by file name, each once: in the order of `wanted` for a folder, of the archive for a
 * .tar.
 */
export async function* imageSet(
  path: string,
  wanted: ReadonlySet<string>,
): AsyncGenerator<{ name: string; bytes: Uint8Array }, void, void> {
  const kind = await stat(path).catch((cause: unknown) => {
    throw new StudioError('file-unreadable', `There is no folder or archive ${path}. Check the path.`, { cause });
  });
  if (kind.isDirectory()) {
    for (const name of wanted)
      if (await isFile(join(path, name))) yield { name, bytes: await readBytes(join(path, name)) };
    return;
  }
  const seen = new Set<string>();
  const archive = createReadStream(path).pipe(extract());
  try {
    for await (const entry of archive) {
      const full = entry.header.name.replace(/^\.\//, '');
      const name = wanted.has(full) ? full : basename(full);
      if (entry.header.type !== 'file' || !wanted.has(name) || seen.has(name)) {
        entry.resume();
        continue;
      }
      seen.add(name);
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry) chunks.push(chunk as Uint8Array);
      yield { name, bytes: new Uint8Array(Buffer.concat(chunks)) };
    }
  } catch (cause) {
    throw new StudioError('file-unreadable', `${path} is no readable .tar archive or folder.`, { cause });
  }
}

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false;
