// `npm run studio`: the command line. Sets up what it lacks, bundles the CLI (a tenth of a second) and runs it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode } from './prepare.mjs';
import { root } from './shell.mjs';

try {
  checkNode();
  if (!existsSync(join(root, 'node_modules/esbuild'))) throw new Error('The dependencies are missing. `npm start` or `npm ci` installs them; then run this again.');
  const { bundle, bundleFile } = await import('../engine/bundle.mjs');
  await Promise.all([bundle(), bundleFile('server/cli/main.ts', 'cli')]);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
process.env.STUDIO_ROOT ??= root;
await import('../../.studio/cli.mjs');
