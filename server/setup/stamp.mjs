import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './shell.mjs';

/**
 * SHA-256 over names and contents of files and folders (relative to the repository); what is missing counts as such.
 */
export function hashOf(paths, keep = () => true) {
  const hash = createHash('sha256');
  const add = (path) => {
    const full = join(root, path);
    const entries = existsSync(full) ? listing(full) : undefined;
    if (entries) for (const name of entries.sort()) add(`${path}/${name}`);
    else if (keep(path))
      hash
        .update(`${path}\0`)
        .update(existsSync(full) ? readFileSync(full) : 'missing')
        .update('\0');
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}

/** True when the stamp file says that this very state was finished. */
export const isStamped = (file, state) =>
  existsSync(join(root, file)) && readFileSync(join(root, file), 'utf8') === state;

export function stamp(file, state) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), state);
}

function listing(path) {
  try {
    return readdirSync(path);
  } catch (error) {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}
