// Bundles the engine: the worker thread that CLI, Next and tests share, and the browser's worker.
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Packages with native files or data of their own are found in node_modules at run time. */
const external = [
  'next',
  'onnxruntime-node',
  '@xenova/transformers',
  'sharp',
  'libsql',
  '@prisma/client',
  '@prisma/adapter-libsql',
];

/** Bundles a program of Node. @returns which packages it asks for at run time */
export async function bundleNode(entry, outfile, { define = {}, banner = '' } = {}) {
  const { build } = await import('esbuild');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external,
    packages: 'bundle',
    logLevel: 'error',
    metafile: true,
    define,
    banner: {
      js: `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);${banner}`,
    },
  });
  const asked = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return [...new Set(asked.map((path) => path.match(/^(@[^/]+\/)?[^/]+/)?.[0]))].filter((name) =>
    external.includes(name),
  );
}

/**
 * Writes `entry` (a path in the repository) as `.studio/<name>.mjs`. About a tenth of a second, so it is always done
 * anew.
 */
export async function bundleFile(entry, name) {
  const folder = join(root, '.studio');
  mkdirSync(folder, { recursive: true });
  const fresh = join(folder, `${name}.${process.pid}.tmp.mjs`);
  await bundleNode(entry, fresh);
  // Another process may be reading the old one.
  renameSync(fresh, join(folder, `${name}.mjs`));
}

/** onnxruntime's own files for the browser; its threads start from its own module, so it is not bundled. */
const webRuntime = [
  'ort.wasm.bundle.min.mjs',
  'ort.webgpu.bundle.min.mjs',
  'ort-wasm-simd-threaded.wasm',
  'ort-wasm-simd-threaded.asyncify.wasm',
];

/** esbuild plugin: onnxruntime-web stays a file of its own beside the worker. */
const besideWorker = {
  name: 'onnxruntime-web beside the worker',
  setup({ onResolve }) {
    onResolve({ filter: /^onnxruntime-web(\/|$)/ }, ({ path }) => ({
      path: path.endsWith('/wasm') ? './ort.wasm.bundle.min.mjs' : './ort.webgpu.bundle.min.mjs',
      external: true,
    }));
  },
};

/** The browser's workers and onnxruntime's files, as public/engine (git-ignored). */
export async function bundleBrowserEngine() {
  const { build } = await import('esbuild');
  const folder = join(root, 'public/engine');
  mkdirSync(folder, { recursive: true });
  for (const name of ['worker', 'weights-worker', 'service-worker', 'bench-worker']) {
    const fresh = join(folder, `${name}.${process.pid}.tmp.js`);
    await build({
      absWorkingDir: root,
      entryPoints: [`app/engine/${name}.ts`],
      outfile: fresh,
      bundle: true,
      minify: true,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      conditions: ['browser', 'import', 'default'],
      tsconfig: 'tsconfig.json',
      logLevel: 'error',
      plugins: [besideWorker],
    });
    renameSync(fresh, join(folder, `${name}.js`));
  }
  for (const file of webRuntime) {
    const [from, to] = [join(root, 'node_modules/onnxruntime-web/dist', file), join(folder, file)];
    if (existsSync(to) && statSync(to).size === statSync(from).size) continue;
    copyFileSync(from, `${to}.${process.pid}.tmp`);
    renameSync(`${to}.${process.pid}.tmp`, to);
  }
}

/** Script and style of comparisons that are shared as one HTML file (kept/share-file.ts). */
export async function bundleShareFile() {
  const { build } = await import('esbuild');
  const folder = join(root, '.studio');
  mkdirSync(folder, { recursive: true });
  const fresh = join(folder, `share-file.${process.pid}.tmp.js`);
  await build({
    absWorkingDir: root,
    entryPoints: ['app/share-file/main.tsx'],
    outfile: fresh,
    bundle: true,
    minify: true,
    charset: 'utf8',
    platform: 'browser',
    format: 'iife',
    target: ['es2022', 'chrome111', 'firefox113', 'safari16.4'],
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    conditions: ['browser', 'import', 'default'],
    tsconfig: 'tsconfig.json',
    logLevel: 'error',
    legalComments: 'none',
  });
  const browser = join(root, 'public/engine');
  mkdirSync(browser, { recursive: true });
  for (const kind of ['js', 'css']) {
    // The page makes such a file too, of what is in the browser alone; there it asks for them by HTTP.
    const copy = join(browser, `share-file.${process.pid}.tmp.${kind}`);
    copyFileSync(fresh.replace(/js$/, kind), copy);
    renameSync(copy, join(browser, `share-file.${kind}`));
    renameSync(fresh.replace(/js$/, kind), join(folder, `share-file.${kind}`));
  }
}

/** Threads and processes that the command line starts too. */
export const threads = {
  'engine-worker': 'server/engine/worker.ts',
  'import-worker': 'server/families/import-worker.ts',
  'import-thread': 'server/history/import-thread.ts',
  'prepare-thread': 'server/collections/prepare/thread.ts',
  'search-thread': 'server/vectors/search-thread.ts',
};

export async function bundle() {
  await bundleShareFile();
  for (const [name, entry] of Object.entries(threads)) await bundleFile(entry, name);
  await bundleFile('server/http/serve.ts', 'serve');
  await bundleBrowserEngine();
}
