// `npm run fuzz [-- COUNT] [--seed=N] [--json]`: bundles the fuzzer of the readers and runs it.
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { bundleFile } from '../engine/bundle.mjs';
import { node, root } from './shell.mjs';

await bundleFile('server/bench/fuzz.ts', 'fuzz');
const { status } = spawnSync(...node(join(root, '.studio/fuzz.mjs'), ...process.argv.slice(2)), {
  stdio: 'inherit',
  cwd: root,
});
process.exitCode = status ?? 1;
