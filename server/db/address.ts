import { resolve } from 'node:path';

/**
 * The SQLite file that a `DATABASE_URL` names: what stands after `file:` is a path as it is, no URL to decode, relative
 * to the repository.
 */
export const databaseFile = (url: string, root = process.env.STUDIO_ROOT || process.cwd()): string =>
  resolve(/* turbopackIgnore: true */ root, url.replace(/^file:/, ''));

/** The file as libsql wants it: it decodes `%41`, and takes `?` and `#` for the ends of the path. */
export const libsqlUrl = (file: string): string => `file:${file.replace(/[%?#]/g, encodeURIComponent)}`;
