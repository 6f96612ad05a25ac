// npm run format: lays out every file by Prettier, and Python by Ruff (its WebAssembly build, so that nobody needs
// Python for it), which also looks for unused imports, unknown names and the like.
// `--check` changes nothing, names what is laid out otherwise, and is what `npm test` runs.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Workspace, PositionEncoding } from '@astral-sh/ruff-wasm-nodejs';
import { node, root, run, tool } from './shell.mjs';

const check = process.argv.includes('--check');

// Of files that have not changed since it is known that they are laid out right.
const cached = ['--cache', '--cache-location', join(root, 'node_modules/.cache/prettier/studio')];
const { code, output } = await run(
  ...node(tool.prettier, '.', ...(check ? ['--list-different'] : ['--write', '--log-level', 'warn']), ...cached),
);
const other = output.trim() === '' ? [] : output.trim().split('\n');
// 1 of --list-different: files are named. Anything else is a fault of Prettier or of a file that it cannot read.
if (code !== 0 && !(check && code === 1 && other.length > 0)) throw new Error(output);

/** As in ruff.toml for those who have Ruff itself. */
const ruff = new Workspace(
  { 'line-length': 120, lint: { select: ['E4', 'E501', 'E7', 'E9', 'F'], ignore: ['E731'] } },
  PositionEncoding.Utf16,
);
const faults = [];
for (const file of pythonFiles()) {
  const text = readFileSync(file, 'utf8');
  const name = relative(root, file);
  const laidOut = ruff.format(text);
  if (laidOut !== text)
    if (check) other.push(name);
    else writeFileSync(file, laidOut);
  for (const { code, message, start_location: at } of ruff.check(laidOut))
    faults.push(`${name}:${at.row}:${at.column} ${message} (${code})`);
}

if (other.length > 0) {
  console.error(other.join('\n'));
  if (check)
    console.error('\n`npm run format` lays these files out; what it names afterwards is to be mended by hand.');
  process.exitCode = 1;
}
if (faults.length > 0) {
  console.error(faults.join('\n'));
  process.exitCode = 1;
}

function pythonFiles(folders = ['models', 'server']) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.py'))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !path.includes('/runs/')),
  );
}
