import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const megabyte = 1024 ** 2;
/** The write-ahead log of a deletion takes a few megabytes; they are given up one part at a time. */
const partBytes = 4 * megabyte;
const parts = ['1', '2', '3', '4'].map((n) => `room-to-delete-${n}`);

/**
 * Room that is kept so that deleting works on a full disk: SQLite writes what is deleted into its log first. The files
 * hold nothing; they are given up when a deletion finds the disk full, and made again when there is room.
 */
export class Reserve {
  constructor(private readonly folder: string) {}

  /** Free bytes of the disk, without the reserve. */
  free(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Makes what is missing where there is room enough; a disk that has none goes without. */
  renew(): void {
    for (const file of parts.map((name) => join(this.folder, name))) {
      try {
        if (existsSync(file)) continue;
        if (this.free() < 2 * parts.length * partBytes) return;
        write(file);
      } catch {
        rmSync(file, { force: true });
        return;
      }
    }
  }

  /** Gives up one part. @returns whether there was one */
  release(): boolean {
    const file = parts.map((name) => join(this.folder, name)).find((path) => existsSync(path));
    if (!file) return false;
    try {
      rmSync(file);
      return true;
    } catch {
      return false;
    }
  }
}

function write(path: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    // Not zeros: some file systems keep those for nothing.
    const noise = randomBytes(megabyte);
    for (let n = 0; n < partBytes / megabyte; n++) writeSync(file, noise);
  } finally {
    closeSync(file);
  }
}
