import { parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, within } from '../fields';
import { keptFlags, keptHelp } from '../history/kept';
import { say, sayJson } from '../io';
import { runLines, runOf, runViewFields, withRuns } from './runs';

export const showRun: Command = {
  summary: 'a run, and what failed in it and why',
  help: `npm run -s studio -- collections show ID [flags]

ID may be the beginning of one.

${keptHelp}

With --json one object:
${fieldHelp({
  ...runViewFields,
  ...within('faults[]', {
    key: 'the photo',
    lane: 'the lane that failed; empty where the photo could not be read',
    code: 'kind of the fault',
    message: 'what was wrong',
  }),
})}`,
  async run(args, io) {
    const { values, positionals } = parse(args, keptFlags, { positionals: 1 });
    return withRuns(values, io, async (store) => {
      const run = await runOf(positionals[0], store);
      const faults = await store.faults(run.id);
      if (values.json) await sayJson(io, { ...run, faults });
      else {
        await say(io, runLines(run));
        for (const { key, lane, message } of faults) await say(io, `  ${key}: ${lane && `${lane}: `}${message}`);
      }
      return 0;
    });
  },
};
