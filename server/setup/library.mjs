// npm run build:library -- [FOLDER]: the package `caption-studio`, without Next: the engine as a library with its
// types, and the command line. Writes it to .studio/library (or FOLDER) and packs it beside that.
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { bundleNode, bundleShareFile, threads } from '../engine/bundle.mjs';
import { databaseClient } from './prepare.mjs';
import { fail, say } from './report.mjs';
import { must, node, root, tool } from './shell.mjs';

/** Where its own files lie, seen from a file in `dist` or `.studio`. */
const packageRoot =
  " import { fileURLToPath as __path } from 'node:url'; const __packageRoot = __path(new URL('..', import.meta.url));";

try {
  const folder = resolve(process.argv[2] ?? join(root, '.studio/library'));
  const { tarball, bytes } = await buildLibrary(folder);
  say(`${tarball} (${(bytes / 1e6).toFixed(1)} MB). In a project of yours: npm install --ignore-scripts ${tarball}`);
} catch (error) {
  fail(error);
}

async function buildLibrary(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, '.studio'), { recursive: true });
  await databaseClient({ quiet: true });
  const own = { define: { 'process.env.STUDIO_ROOT': '__packageRoot' }, banner: packageRoot };
  const asked = [
    await bundleNode('server/library/index.ts', join(folder, 'dist/index.mjs'), own),
    await bundleNode('server/library/bin.ts', join(folder, 'dist/bin.mjs')),
  ];
  for (const [name, entry] of Object.entries(threads))
    asked.push(await bundleNode(entry, join(folder, `.studio/${name}.mjs`), own));
  asProgram(join(folder, 'dist/bin.mjs'));
  await bundleShareFile();
  for (const file of ['share-file.js', 'share-file.css'])
    cpSync(join(root, '.studio', file), join(folder, '.studio', file));
  cpSync(join(root, 'models/pocket'), join(folder, 'models/pocket'), { recursive: true });
  cpSync(join(root, 'prisma/migrations/sqlite'), join(folder, 'prisma/migrations/sqlite'), { recursive: true });
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  await types(folder);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(asked.flat()), null, 2)}\n`);
  writeFileSync(join(folder, 'README.md'), readme());
  const packed = await must(
    'npm pack',
    ...npm('pack', folder, '--json', '--ignore-scripts', '--pack-destination', dirname(folder)),
  );
  // npm warns on the same stream.
  const [{ filename, size }] = JSON.parse(/^\[$[\s\S]*^\]$/m.exec(packed)[0]);
  return { tarball: join(dirname(folder), filename), bytes: size };
}

/** npm as the program that runs this, where npm does; else by its name. */
function npm(...args) {
  return process.env.npm_execpath ? node(process.env.npm_execpath, ...args) : ['npm', args];
}

/** The command line calls itself as it is installed. */
function asProgram(file) {
  const text = readFileSync(file, 'utf8').replaceAll('npm run -s studio -- ', 'caption-studio ');
  writeFileSync(file, `#!/usr/bin/env node\n${text}`);
  chmodSync(file, 0o755);
}

/** Declarations of the library and of all that they name, with the file names that Node's own resolution wants. */
async function types(folder) {
  const config = join(folder, 'tsconfig.json');
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        incremental: false,
        allowJs: false,
        plugins: [],
        rootDir: root,
        outDir: join(folder, 'types'),
        typeRoots: [join(root, 'node_modules/@types')],
        types: ['node'],
      },
      include: [],
      files: [join(root, 'server/library/index.ts')],
    }),
  );
  await must('types of the library', ...node(tool.tsc, '-p', config));
  rmSync(config);
  for (const path of readdirSync(join(folder, 'types'), { recursive: true }).map(String)) {
    if (!path.endsWith('.d.ts')) continue;
    const file = join(folder, 'types', path);
    const text = readFileSync(file, 'utf8').replace(
      /(from |import\()(['"])(\.[^'"]*)\2/g,
      (whole, before, quote, to) => {
        if (/\.(js|json)$/.test(to)) return whole;
        const at = join(dirname(file), to);
        const name = existsSync(`${at}.d.ts`) ? `${to}.js` : existsSync(join(at, 'index.d.ts')) ? `${to}/index.js` : to;
        return `${before}${quote}${name}${quote}`;
      },
    );
    writeFileSync(file, text);
  }
}

function manifest(asked) {
  const { name, version, description, license, engines, dependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  // The runtime is loaded once telemetry is off, where no bundler sees it; zod is bundled, and stands in the types.
  const needed = [...new Set([...asked, 'onnxruntime-node', 'zod'])].sort();
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    engines,
    exports: { '.': { types: './types/server/library/index.d.ts', default: './dist/index.mjs' } },
    types: './types/server/library/index.d.ts',
    bin: { [name]: './dist/bin.mjs' },
    files: ['.studio', 'dist', 'models', 'prisma', 'types'],
    dependencies: Object.fromEntries(needed.map((one) => [one, dependencies[one]])),
  };
}

/** What the repository's README says of the library. */
function readme() {
  const text = readFileSync(join(root, 'README.md'), 'utf8');
  const [, section] = /\n## As a library\n([\s\S]*?)\n## /.exec(text);
  return `# Caption Studio\n\nWhat does this embedding say? The engine and the command line of the studio, without its page.\n${section}`;
}
