import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { measured } from './processes';

/** Images a second, cores kept busy and most memory of one way. */
export type Way = { perSecond: number; cores: number; peakRssMb: number };

/**
 * The command line over the first photos of a folder: a fifth of them and all, so that what lies between has no start
 * in it. `args`: the command, its decoder and so on. @returns also the file that it wrote of all
 */
export async function byCommandLine(
  root: string,
  work: string,
  photos: string,
  count: number,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ way: Way; out: string }> {
  const names = (await readdir(photos)).sort();
  const list = join(work, 'list.txt');
  const out = join(work, args[0] === 'embed' ? 'out.npy' : 'out.jsonl');
  const run = async (n: number) => {
    await writeFile(
      list,
      names
        .slice(0, n)
        .map((name) => join(photos, name))
        .join('\n'),
    );
    // Each has a database of its own: what is done once would not be done again.
    const database = join(work, `runs-${process.hrtime.bigint()}.db`);
    return measured(
      [
        join(root, '.studio/cli.mjs'),
        ...args,
        ...['--list', list, '--out', out, '--overwrite', '--device', 'cpu', '--database', database],
      ],
      { STUDIO_ROOT: root, ...env },
      root,
    );
  };
  const few = Math.max(16, Math.floor(count / 5));
  const part = await run(few);
  const whole = await run(count);
  const seconds = whole.seconds - part.seconds;
  return {
    way: {
      perSecond: (count - few) / seconds,
      cores: (whole.cpuSeconds - part.cpuSeconds) / seconds,
      peakRssMb: whole.peakRssMb,
    },
    out,
  };
}
