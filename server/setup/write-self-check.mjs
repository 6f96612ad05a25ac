// `node server/setup/write-self-check.mjs [FOLDER]`: runs every graph of a family on its golden input (fp32, CPU),
// writes the answers as
// self-check.json and names it in the manifest. Part of making a family; see models/training/README.md.
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { bundleFile } from '../engine/bundle.mjs';
import { node, root } from './shell.mjs';

await bundleFile('server/engine/write-self-check.ts', 'write-self-check');
process.exitCode =
  spawnSync(...node(join(root, '.studio/write-self-check.mjs'), process.argv[2] ?? 'models/pocket'), {
    stdio: 'inherit',
    cwd: root,
  }).status ?? 1;
