import { fstatSync } from 'node:fs';
import { openEngine } from '../engine/host';
import type { Io } from './io';
import { wholeStream } from '../files/append-whole';

/** What a command has in a process of its own: that process's streams, environment and folder. */
export function processIo(signal: AbortSignal): Io {
  const { stdin, stderr, env } = process;
  const stdout = standardOutput();
  // Who writes is told of a failure (io.ts); without a listener it would end the process too.
  for (const stream of [process.stdout, stdout, stderr]) stream.on('error', () => undefined);
  const cwd = standing(env, process.cwd());
  return { stdin, stdout, stderr, env, cwd, signal, openEngine: (options) => openEngine(options, env) };
}

/** Node's own for terminals and pipes; what goes to a file or a device (`> captions.jsonl`) is written whole. */
function standardOutput(): Io['stdout'] {
  try {
    const kind = fstatSync(1);
    if (kind.isFile() || (kind.isCharacterDevice() && !process.stdout.isTTY)) return wholeStream(1);
  } catch {
    // It is closed (`>&-`).
  }
  return process.stdout;
}

/**
 * The folder in which the person stands. `npm run` starts its scripts in the repository (`STUDIO_ROOT`) and tells in
 * INIT_CWD where it was called. That variable is inherited by whatever npm starts, so it counts only where npm runs one
 * of these scripts itself.
 */
export function standing(env: Io['env'], here: string): string {
  const byNpm =
    ['studio', 'bench'].includes(env.npm_lifecycle_event ?? '') && here === env.STUDIO_ROOT?.replace(/[/\\]$/, '');
  return (byNpm && env.INIT_CWD) || here;
}
