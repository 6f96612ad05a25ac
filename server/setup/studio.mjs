// `npm run studio`: the command line. Sets up what it lacks, bundles the CLI where its sources changed, and runs it.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, databaseClient } from './prepare.mjs';
import { root } from './shell.mjs';
import { hashOf, isStamped, stamp } from './stamp.mjs';

/** What the bundles are made of: not the tests, not the recipes, not the weights. */
const inBundle = (path) =>
  /\.(tsx?|css|mjs|json|prisma)$/.test(path) && !/\.test\.ts$|^models\/(training|pocket)\//.test(path);
/**
 * The stamp tells the bundles' own times too: `npm start` and `npm test` also write one of them, maybe from another
 * checkout.
 */
const bundles = ['cli', 'engine-worker', 'import-worker', 'import-thread', 'prepare-thread', 'search-thread'].map(
  (name) => join(root, `.studio/${name}.mjs`),
);

try {
  checkNode();
  if (!existsSync(join(root, 'node_modules/esbuild')))
    throw new Error('The dependencies are missing. `npm start` or `npm ci` installs them; then run this again.');
  await databaseClient({ quiet: true });
  const sources = hashOf(
    [
      'models',
      'kept',
      'server',
      'app/views',
      'app/share-file',
      'prisma/schema.prisma',
      'package.json',
      'package-lock.json',
    ],
    inBundle,
  );
  const state = () =>
    [sources, ...bundles.map((file) => (existsSync(file) ? statSync(file).mtimeMs : 'missing'))].join(' ');
  if (!isStamped('.studio/cli-stamp', state())) {
    const { bundle, bundleFile } = await import('../engine/bundle.mjs');
    await Promise.all([bundle(), bundleFile('server/cli/bin.ts', 'cli')]);
    stamp('.studio/cli-stamp', state());
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
process.env.STUDIO_ROOT ??= root;
await import('../../.studio/cli.mjs');
