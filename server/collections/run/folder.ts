import { join, parse } from 'node:path';
import { type Database, placeOf } from '../../db/open';

/** Where the shards of a database's runs lie: beside it, `studio.collections` of `studio.db`. */
export function collectionsFolder(database: Database): string {
  const { dir, name } = parse(placeOf(database).file);
  return join(dir, `${name}.collections`);
}
