import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StudioError } from '../../models/errors';
import { databaseFile } from '../db/address';
import { why } from '../errors/why';

const name = 'owner-secret';
const cached = new Map<string, Buffer>();

/** The folder of the database: what must be kept and moved together. */
export const dataFolder = (databaseUrl: string, root?: string) => dirname(databaseFile(databaseUrl, root));

/**
 * The 32 bytes that sign ownership cookies and keys, in `folder`/owner-secret, readable by its owner alone (0600). Made
 * on the first
 * start; of several processes that start at once, one makes it and all use it. @throws file-unreadable
 */
export function ownerSecret(folder: string): Buffer {
  const known = cached.get(folder);
  if (known) return known;
  const file = join(folder, name);
  try {
    mkdirSync(folder, { recursive: true });
    const secret = read(file) ?? make(file);
    // A copy of the folder may have lost the permissions.
    if (process.platform !== 'win32' && statSync(file).mode & 0o077) chmodSync(file, 0o600);
    cached.set(folder, secret);
    return secret;
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    throw new StudioError(
      'file-unreadable',
      `The secret that signs ownership cannot be read or made in ${folder}: ${why(cause)}. The folder must be writable for whoever runs the studio.`,
      { cause },
    );
  }
}

function make(file: string): Buffer {
  const fresh = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  writeFileSync(fresh, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // Appears whole or not at all, and never over another's.
    linkSync(fresh, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(fresh, { force: true });
  }
  return read(file)!;
}

function read(file: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const secret = Buffer.from(text, 'base64url');
  if (secret.length !== 32)
    throw new StudioError(
      'file-unreadable',
      `${file} is damaged: expected 32 bytes in base64url. Restore it from a copy of the folder; if there is none, delete it, and browsers get new owners.`,
    );
  return secret;
}
