// npm run proof -- NAME [NAME=value ...] [arguments of the proof]: runs a long proof of proofs.mjs; without a name it
// lists them.
import { basename, join } from 'node:path';
import { bundleFile } from '../engine/bundle.mjs';
import { prepare } from './prepare.mjs';
import { proofCommand, listOfProofs } from './proof-command.mjs';
import { fail } from './report.mjs';
import { node, root, run, tool } from './shell.mjs';

const [name, ...rest] = process.argv.slice(2);
try {
  if (name === undefined) console.log(listOfProofs());
  else {
    const { runner, args, env } = proofCommand(name, rest);
    await prepare({ build: runner === 'playwright' });
    const { code } = await run(...(await programOf(runner, args)), { env, show: true });
    process.exitCode = code;
  }
} catch (error) {
  fail(error);
}

async function programOf(runner, args) {
  if (runner === 'vitest') return node(tool.vitest, 'run', ...args);
  if (runner === 'playwright') return node(tool.playwright, 'test', '--workers=1', ...args);
  const [script, ...others] = args;
  const bundled = basename(script, '.ts');
  await bundleFile(script, bundled);
  return node(join(root, `.studio/${bundled}.mjs`), ...others);
}
