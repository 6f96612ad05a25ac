import { accessSync, chmodSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { storageFault } from './faults';
import { Reserve } from './reserve';

/** Where an open database lies. SQLite itself goes on in a file that was moved or deleted, and says nothing. */
export class DatabasePlace {
  readonly reserve: Reserve;
  #home: { dev: number; ino: number } | undefined;

  constructor(readonly file: string) {
    this.reserve = new Reserve(dirname(file));
  }

  /** Makes folder and file where they are missing. What is kept is its owner's alone to read (0600), old files too. */
  prepare(): void {
    mkdirSync(dirname(this.file), { recursive: true });
    // SQLite gives its write-ahead log the permissions of the file.
    closeSync(openSync(this.file, constants.O_RDONLY | constants.O_CREAT, 0o600));
    if (process.platform !== 'win32')
      for (const file of ['', '-wal', '-shm', '-journal'].map((end) => this.file + end))
        if (existsSync(file) && statSync(file).mode & 0o077) chmodSync(file, 0o600);
  }

  /** Remembers the file that was opened first. */
  opened(): void {
    if (this.#home) return;
    const { dev, ino } = statSync(this.file);
    this.#home = { dev, ino };
  }

  /** Before it is opened once more: SQLite would make a new file. @throws storage-unavailable */
  demandOpened(): void {
    if (this.#home) this.demand();
  }

  /** @throws storage-unavailable when the file is no longer there, or cannot be written any more */
  demand(): void {
    let now;
    try {
      now = statSync(this.file);
      accessSync(this.file, constants.W_OK);
      accessSync(dirname(this.file), constants.W_OK);
    } catch (cause) {
      throw storageFault(now ? 'read-only' : 'gone', cause);
    }
    if (this.#home && (now.ino !== this.#home.ino || now.dev !== this.#home.dev)) throw storageFault('gone');
  }
}
