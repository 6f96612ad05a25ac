// Bundles the engine's worker thread into one file that CLI, Next and tests share.
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packages with native files or data of their own are found in node_modules at run time. */
const external = ['onnxruntime-node', '@xenova/transformers', 'sharp'];

/** Writes `entry` (a path in the repository) as `.studio/<name>.mjs`. About a tenth of a second, so it is always done anew. */
export async function bundleFile(entry, name) {
  const { build } = await import('esbuild');
  const folder = join(root, '.studio');
  mkdirSync(folder, { recursive: true });
  const fresh = join(folder, `${name}.${process.pid}.tmp.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: fresh,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external,
    packages: 'bundle',
    logLevel: 'error',
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  });
  // Another process may be reading the old one.
  renameSync(fresh, join(folder, `${name}.mjs`));
}

export async function bundle() {
  await bundleFile('server/engine/worker.ts', 'engine-worker');
}
