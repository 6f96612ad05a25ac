import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { scratchFolder } from '../studio/test-studio';
import { dataFolder } from '../owners/secret';
import { openDatabase } from './open';

let scratch: ReturnType<typeof scratchFolder>;
beforeEach(() => {
  scratch = scratchFolder();
});
afterEach(() => scratch.remove());

it.each(['a%41b', 'what?', 'no #1', '100 %', 'Käse & Brot', '写真', "it's", 'a+b', '%2e%2e', 'x?mode=memory'])(
  'a database in the folder %j lies there, and its secret beside it',
  async (name) => {
    const file = join(scratch.folder, name, `${name}.db`);
    const url = `file:${file}`;
    const database = await openDatabase(url);
    await database.ownerKey.create({ data: { id: 'one', ownerId: 'somebody', keyHash: 'hash' } });
    await database.$disconnect();
    expect(readdirSync(scratch.folder)).toEqual([name]);
    expect(existsSync(file)).toBe(true);
    expect(dataFolder(url)).toBe(join(scratch.folder, name));
    const again = await openDatabase(url);
    expect(await again.ownerKey.count({ where: { ownerId: 'somebody' } })).toBe(1);
    await again.$disconnect();
  },
);
