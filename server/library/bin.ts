// The program `caption-studio` of the package: the command line, with what it keeps in the person's own folder.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { userFolder } from './user-folder';

const { env } = process;
env.STUDIO_ROOT = fileURLToPath(new URL('..', import.meta.url));
env.STUDIO_INSTALLED_DIR ||= userFolder(env, 'families');
env.DATABASE_URL ||= `file:${join(userFolder(env, ''), 'studio.db')}`;
await import('../cli/bin');
