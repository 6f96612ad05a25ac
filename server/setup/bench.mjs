// `npm run bench -- graphs [--json]`: bundles the bench and runs it.
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { bundle, bundleFile } from '../engine/bundle.mjs';
import { withStudio } from './own-server.mjs';
import { prepare } from './prepare.mjs';
import { node, root } from './shell.mjs';

await bundleFile('server/bench/main.ts', 'bench');
// Some import and caption in the threads of the studio.
if (['catalog', 'precision'].includes(process.argv[2]))
  for (const [entry, name] of [
    ['server/engine/worker.ts', 'engine-worker'],
    ['server/families/import-worker.ts', 'import-worker'],
  ])
    await bundleFile(entry, name);
if (process.argv[2] === 'search') await bundleFile('server/vectors/search-thread.ts', 'search-thread');
// Others call the command line.
if (process.argv[2] === 'collection') {
  await bundle();
  await bundleFile('server/cli/bin.ts', 'cli');
}
const [what, ...rest] = process.argv.slice(2);
const bench = (...words) =>
  spawnSync(...node(join(root, '.studio/bench.mjs'), ...words), {
    stdio: 'inherit',
    cwd: root,
    env: { ...process.env, STUDIO_ROOT: root },
  }).status ?? 1;
// One asks a studio of its own, in production.
process.exitCode =
  what === 'import-load'
    ? await prepare().then(() => withStudio((address) => bench(what, address, ...rest)))
    : bench(...process.argv.slice(2));
