import { type FileHandle, mkdir, open, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../models/errors';
import { amount } from '../../models/units';

/** Bytes that this user may still write into a folder's file system; the folder is made where it is missing. */
export async function freeBytes(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Left free in any case: a full disk breaks more than a download. */
const reserve = 200e6;

/** @throws storage-full when `bytes` more do not fit into the folder's file system */
export async function checkSpace(folder: string, bytes: number, what: string, free?: number): Promise<void> {
  const available = free ?? (await freeBytes(folder));
  if (available >= bytes + reserve) return;
  throw new StudioError(
    'storage-full',
    `${what} needs ${amount(bytes)} of disk for a while, and ${amount(available)} are free where ${folder} lies (${amount(reserve)} must stay free). Make room, remove a family, or name a folder on another disk with STUDIO_INSTALLED_DIR.`,
    {
      details: { needed: bytes, free: available },
    },
  );
}

/**
 * Bytes of all files of a folder and those below. A file that two names share (a hard link) counts once for each,
 * unless `seen` is given.
 */
export async function folderBytes(folder: string, seen?: Set<string>): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  let sum = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) sum += await folderBytes(path, seen);
    else {
      const info = await stat(path).catch(() => undefined);
      const key = info && `${info.dev} ${info.ino}`;
      if (!info || (key && seen?.has(key))) continue;
      if (key) seen?.add(key);
      sum += info.size;
    }
  }
  return sum;
}

/** Makes every file of a folder, and the folder's own list of them, survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await syncFolder(join(folder, entry.name));
    else await sync(await open(join(folder, entry.name), 'r+'));
  }
  // Not every system lets a folder be opened; those order their renames themselves.
  const handle = await open(folder, 'r').catch(() => undefined);
  if (handle) await sync(handle).catch(() => undefined);
}
async function sync(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
