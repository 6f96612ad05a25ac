import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../../models/errors';
import { lock } from '../../db/lock';
import { randomId } from '../../db/random-id';

/**
 * A process as leases name it. It holds a lock for as long as it lives, so that another process of this machine sees at
 * once that it has died; of one elsewhere, the end of its leases tells.
 */
export class Owner {
  readonly id = `${process.pid}-${randomId()}`;
  readonly #release: (() => void) | undefined;

  constructor(private readonly folder: string) {
    this.#release = lock(fileOf(folder, this.id), 'exclusive');
  }

  /** Whether an owner died without a word. */
  isDead(id: string): boolean {
    if (id === this.id || !existsSync(fileOf(this.folder, id))) return false;
    const release = lock(fileOf(this.folder, id), 'exclusive');
    release?.();
    return release !== undefined;
  }

  /** Nothing is left that names a dead one. */
  forget(id: string): void {
    rmSync(fileOf(this.folder, id), { force: true });
  }

  close(): void {
    this.#release?.();
    this.forget(this.id);
  }
}

const fileOf = (folder: string, id: string) => join(folder, 'locks', `worker-${id}.lock`);

/**
 * Keeps every other process from writing the same output meanwhile.
 * @param path absolute @param shown as the person called it @returns what gives it back
 * @throws busy, naming the process that has it
 */
export function lockOutput(folder: string, path: string, shown: string): () => void {
  const file = join(folder, 'locks', `output-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`);
  const release = lock(`${file}.lock`, 'exclusive');
  if (!release) {
    const holder = existsSync(`${file}.pid`) ? readFileSync(`${file}.pid`, 'utf8') : '';
    throw new StudioError(
      'busy',
      `${shown} is being written by another process${holder ? ` (${holder})` : ''}. Wait until it has ended, or name another file: both then share the work.`,
      { details: { process: Number(holder) || undefined } },
    );
  }
  writeFileSync(`${file}.pid`, String(process.pid));
  return () => {
    rmSync(`${file}.pid`, { force: true });
    release();
  };
}
