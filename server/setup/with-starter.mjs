// Nothing outlives what started it. A signal reaches only whom it is sent to: npm passes it on to a shell, which dies
// of it and tells nobody, and SIGKILL is passed on by no one. So each process looks after those that it hangs on.
// As a preload (`node --import with-starter.mjs PROGRAM`) it does the same for programs that are not ours.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const lookMs = 400;
/** What does not end by the signal in so long is ended. */
const patienceMs = 15_000;
const packageFile = join(fileURLToPath(new URL('../..', import.meta.url)), 'package.json');

/** `--import` and this file: what a process of ours is started with. */
export const withStarter = ['--import', import.meta.url];

let watching = false;
/**
 * Sends this process SIGTERM when its parent is gone, and where npm runs it (npm, a shell, this) when npm is gone.
 */
export function endWithStarter() {
  if (watching) return;
  watching = true;
  const parent = process.ppid;
  const above = byNpm() ? ancestorsUpToNpm(parent) : [];
  const timer = setInterval(() => {
    if (process.ppid === parent && [parent, ...above].every(isAlive)) return;
    clearInterval(timer);
    terminate();
  }, lookMs);
  timer.unref();
}

/** Whether `npm run` (or start, or test) of this very repository is above this process. */
export const byNpm = () => process.env.npm_package_json === packageFile;

function terminate() {
  setTimeout(() => process.exit(1), patienceMs).unref();
  process.kill(process.pid, 'SIGTERM');
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** From the parent's parent up to the first process that is npm; empty where none is near. */
function ancestorsUpToNpm(pid) {
  const found = [];
  for (let n = 0, at = describe(pid); at && n < 6; n++) {
    if (/^npm\b|[/\\]npm-cli\.js\b/.test(at.name)) return found;
    if (at.parent <= 1) return [];
    found.push(at.parent);
    at = describe(at.parent);
  }
  return [];
}

/** Name and parent of a process; npm calls itself `npm start`. */
function describe(pid) {
  try {
    if (process.platform === 'linux') {
      const [, name, rest] = /^\d+ \((.*)\) \S (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return { name, parent: Number(rest.split(' ')[0]) };
    }
    if (process.platform === 'win32') return undefined;
    const [, parent, name] = /^\s*(\d+)\s+(.*)/.exec(
      execFileSync('ps', ['-o', 'ppid=,command=', '-p', String(pid)], { encoding: 'utf8' }),
    );
    return { name, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

// Preloaded, and not imported by a program of ours, which decides for itself.
if (isMainThread && process.execArgv.includes(import.meta.url)) endWithStarter();
