// Tests of several workers side by side, each on cores of its own.
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * The cores of worker `index` of `workers`, as taskset lists them; undefined where each has less than one.
 * @param {number} cores of the machine
 */
export function coresOf(index, workers, cores) {
  const each = Math.floor(cores / workers);
  if (each < 1 || index >= workers) return undefined;
  return `${index * each}-${(index + 1) * each - 1}`;
}

/**
 * Keeps this process, and whatever it starts from now on, to its own cores. Engines make a thread a core and wait for
 * one another after every operator: where two of them share the cores, each waits for threads that are not running, and
 * both together take longer than one after the other. Where it cannot be done (no Linux, no taskset) tests only take
 * longer.
 */
export function keepToOwnCores(index, workers) {
  if (process.platform !== 'linux') return;
  const list = coresOf(index, workers, availableParallelism());
  if (list) spawnSync('taskset', ['-acp', list, String(process.pid)]);
}
