import { localOwner } from '../../owners/signing';
import { parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, within } from '../fields';
import { keptFlags, keptHelp } from '../history/kept';
import { say, sayJson } from '../io';
import { runLines, runViewFields, withRuns } from './runs';

export const listRuns: Command = {
  summary: 'runs of this database, newest first',
  help: `npm run -s studio -- collections list [flags]

A run that was cut off or paused goes on where the command that began it is given again with --resume.

${keptHelp}

With --json one object:
${fieldHelp(within('runs[]', runViewFields))}`,
  async run(args, io) {
    const { values } = parse(args, keptFlags, { positionals: 0 });
    return withRuns(values, io, async (store) => {
      const runs = await store.list(localOwner);
      if (values.json) await sayJson(io, { runs });
      else if (!runs.length) await say(io, 'No collection was run yet. caption FOLDER --out FILE.jsonl runs one.');
      else for (const run of runs) await say(io, runLines(run));
      return 0;
    });
  },
};
