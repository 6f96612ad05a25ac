import { join } from 'node:path';
import { lock } from '../db/lock';

/**
 * Locks on families between processes: `shared` is held while a family is used, `exclusive` while it is installed,
 * verified or removed. Never waits. @returns what gives the lock back, or undefined when somebody else has it
 */
export const lockFamily = (root: string, name: string, mode: 'shared' | 'exclusive'): (() => void) | undefined =>
  lock(join(root, '.locks', `${name}.lock`), mode);
