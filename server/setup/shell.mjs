import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SetupError } from './report.mjs';
import { byNpm, endWithStarter, withStarter } from './with-starter.mjs';

export const root = fileURLToPath(new URL('../..', import.meta.url));
// Every script of package.json comes through here.
if (byNpm()) endWithStarter();

/** The program of an installed package, to be run with this very Node. */
export const tool = {
  next: join(root, 'node_modules/next/dist/bin/next'),
  prisma: join(root, 'node_modules/prisma/build/index.js'),
  tsc: join(root, 'node_modules/typescript/bin/tsc'),
  prettier: join(root, 'node_modules/prettier/bin/prettier.cjs'),
  eslint: join(root, 'node_modules/eslint/bin/eslint.js'),
  oxlint: join(root, 'node_modules/oxlint/bin/oxlint'),
  vitest: join(root, 'node_modules/vitest/vitest.mjs'),
  playwright: join(root, 'node_modules/@playwright/test/cli.js'),
};

// Nothing here reports home, asks for updates or colours a log file.
const quiet = {
  ORT_DISABLE_TELEMETRY: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
  npm_config_update_notifier: 'false',
};
export const environment = (extra = {}) => ({ ...process.env, ...quiet, ...extra });

/**
 * Runs a program in the repository.
 * @param {{ env?: Record<string, string>, show?: boolean }} options `show`: its output goes to the terminal as it comes
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(program, args, { env = {}, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env: environment(env), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const take = (stream) => (chunk) => {
      output += chunk;
      if (show) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? (signal ? 1 : 0), output }));
  });
}

/** Runs one of `tool` and demands success. @throws SetupError with the last lines of its output */
export async function must(what, program, args, options) {
  const { code, output } = await run(program, args, options);
  if (code !== 0)
    throw new SetupError(`${what} failed (status ${code}):\n${output.trim().split('\n').slice(-60).join('\n')}`);
  return output;
}
/** A program for Node, which ends when this process does. */
export const node = (script, ...args) => [process.execPath, [...withStarter, script, ...args]];
