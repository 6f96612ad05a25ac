import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { StudioError } from '../../../models/errors';

/** What a process took: seconds, cores that it kept busy, most memory that it held. */
export type Took = { seconds: number; cpuSeconds: number; peakRssMb: number; out: string };

/** Runs a Node process and watches it (Linux tells its time and memory under /proc). @throws internal where it fails */
export function measured(args: readonly string[], env: Record<string, string>, cwd: string): Promise<Took> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err, peakRssMb, cpuSeconds] = ['', '', 0, 0];
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err = (err + chunk).slice(-4_000)));
    const look = () => {
      try {
        const kb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0);
        peakRssMb = Math.max(peakRssMb, kb / 1024);
        // utime and stime are the 14th and 15th field; the second may hold blanks.
        const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
        cpuSeconds = (Number(fields[11]) + Number(fields[12])) / 100;
      } catch {
        // It has ended meanwhile, or this system tells nothing.
      }
    };
    const watch = setInterval(look, 50);
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      const seconds = (performance.now() - start) / 1000;
      if (code !== 0) reject(new StudioError('internal', `${args.join(' ')} ended with ${code}: ${err}`));
      else resolve({ seconds, cpuSeconds, peakRssMb, out });
    });
  });
}
