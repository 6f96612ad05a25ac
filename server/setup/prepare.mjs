// What `npm start`, `npm test` and the CLI set up before they work: each step is skipped when its result is up to date.
// Plain Node without dependencies, since the first step is to install them.
import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { say, seconds, SetupError, step } from './report.mjs';
import { must, node, root, run, tool } from './shell.mjs';
import { hashOf, isStamped, stamp } from './stamp.mjs';

const wanted = [20, 19];
const GB = 1024 ** 3;

/**
 * Node, dependencies, database client, embedded family, bundles and, on demand, the production build.
 * @param {{ build?: boolean }} options `build`: `npm start` and the end-to-end tests serve the production build
 */
export async function prepare({ build = true } = {}) {
  const start = performance.now();
  checkNode();
  await dependencies();
  await databaseClient();
  checkFamily();
  await engineBundles();
  if (build) await productionBuild();
  say(`Set up in ${seconds(start)} s`);
}

export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1])) return;
  throw new SetupError(
    `Node ${version} is too old: Caption Studio needs ${wanted.join('.')} or newer. Get it from https://nodejs.org or with your version manager (nvm install 22), then run the same command again.`,
  );
}

/** @throws SetupError when less than `gigabytes` are free */
export function checkDisk(gigabytes, what, free = freeBytes()) {
  if (free >= gigabytes * GB) return;
  throw new SetupError(
    `The disk is too full: ${what} needs about ${gigabytes} GB in ${root}, and ${(free / GB).toFixed(1)} GB are free. Make room and run the same command again.`,
  );
}
function freeBytes() {
  const { bavail, bsize } = statfsSync(root);
  return bavail * bsize;
}

async function dependencies() {
  const file = 'node_modules/.studio-stamp';
  const state = hashOf(['package.json', 'package-lock.json']);
  if (isStamped(file, state)) return;
  if (!isInstalled()) {
    checkDisk(2.5, 'installing the dependencies');
    await step('Installing dependencies (npm ci, about a minute)', async () => {
      const npm = process.env.npm_execpath ? node(process.env.npm_execpath) : ['npm', []];
      // Tests and builds need the development packages, also where NODE_ENV=production is set.
      const { code, output } = await run(npm[0], [...npm[1], 'ci', '--include=dev', '--no-audit', '--no-fund']);
      if (code !== 0)
        throw new SetupError(`npm ci failed (status ${code}):\n${output.trim().split('\n').slice(-30).join('\n')}`);
    });
  }
  stamp(file, state);
}

/**
 * Whether node_modules holds what the lock file says (npm keeps its own list there), so that an `npm ci` by hand is not
 * repeated.
 */
function isInstalled() {
  const list = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(list)) return false;
  const installed = JSON.parse(readFileSync(list, 'utf8')).packages;
  const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(locked).every(
    ([path, entry]) => path === '' || entry.optional || entry.devOptional || installed[path]?.version === entry.version,
  );
}

/** @param {{ quiet?: boolean }} options `quiet`: for commands whose output is read by programs */
export async function databaseClient({ quiet = false } = {}) {
  const file = 'prisma/generated/.studio-stamp';
  const state = hashOf(['prisma/schema.prisma', 'prisma.config.ts', 'node_modules/prisma/package.json']);
  if (isStamped(file, state)) return;
  // Prisma notes in the person's own configuration which commands it was given.
  const env = { XDG_CONFIG_HOME: join(root, '.studio/config') };
  const generate = () => must('prisma generate', ...node(tool.prisma, 'generate'), { env });
  await (quiet ? generate() : step('Generating the database client', generate));
  stamp(file, state);
}

/** The embedded family is part of the repository; a broken checkout is told now and not at the first photo. */
function checkFamily() {
  const folder = join(root, 'models/pocket');
  const manifest = join(folder, 'manifest.json');
  const restore = 'Restore it with: git checkout -- models/pocket';
  if (!existsSync(manifest)) throw new SetupError(`The embedded family is missing: ${manifest}. ${restore}`);
  for (const { path, bytes } of filesOf(JSON.parse(readFileSync(manifest, 'utf8')))) {
    const file = join(folder, path);
    if (!existsSync(file)) throw new SetupError(`A file of the embedded family is missing: ${file}. ${restore}`);
    const found = statSync(file).size;
    if (found !== bytes) throw new SetupError(`${file} has ${found} bytes, its manifest says ${bytes}. ${restore}`);
  }
}
function filesOf(manifest) {
  const files = manifest.files ?? {};
  return Array.isArray(files)
    ? files
    : Object.entries(files).map(([path, entry]) => ({ path: entry.path ?? path, bytes: entry.bytes }));
}

async function engineBundles() {
  const { bundle } = await import('../engine/bundle.mjs');
  await bundle();
}

/** All that ends up in the build: neither tests, nor recipes, nor weights (they are read when they are used). */
const inBuild = (path) =>
  /\.(ts|tsx|js|mjs|css|json|prisma|svg|png|ico|woff2)$/.test(path) &&
  !/\.test\.tsx?$|^models\/(training|pocket)\//.test(path);

/** What `npm start` and the end-to-end tests serve. */
export async function productionBuild() {
  const file = '.next/studio-stamp';
  const state = hashOf(
    [
      'app',
      'server',
      'kept',
      'models',
      'proxy.ts',
      'instrumentation.ts',
      'instrumentation-client.ts',
      'prisma/schema.prisma',
      'next.config.js',
      'postcss.config.mjs',
      'tsconfig.json',
      'package-lock.json',
    ],
    inBuild,
  );
  if (isStamped(file, state) && existsSync(join(root, '.next/BUILD_ID'))) return;
  checkDisk(0.5, 'the production build');
  await step('Building the page (next build, about half a minute)', () =>
    must('next build', ...node(tool.next, 'build'), { env: { NODE_ENV: 'production' } }),
  );
  stamp(file, state);
}
