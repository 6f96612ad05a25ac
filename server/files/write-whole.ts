import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { appendWhole } from './append-whole';
import { cannotWrite } from './faults';

let made = 0;

/**
 * Puts something small in the place of what was there, whole or not at all. It is not waited until the disk has it,
 * which for thousands of files takes long: where the machine itself dies, the last ones may be empty.
 * @param shown what a person calls the file @throws storage-full, file-unreadable
 */
export async function writeWhole(path: string, content: string | Uint8Array, shown: string): Promise<void> {
  const beside = join(dirname(path), `.caption-studio-${process.pid}-w${made++}.part`);
  try {
    const handle = await open(beside, 'wx');
    try {
      await appendWhole(handle.fd, Buffer.from(content));
    } finally {
      await handle.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw cannotWrite(shown, cause);
  }
}
