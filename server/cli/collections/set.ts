import { parse } from '../args';
import type { Command } from '../command';
import { keptFlags, keptHelp } from '../history/kept';
import { say, sayJson } from '../io';
import { runLines, runOf, withRuns } from './runs';

/** A command that changes how a run stands, in whatever process it is worked on. */
const setting = (name: string, status: 'paused' | 'cancelled', summary: string, told: string): Command => ({
  summary,
  help: `npm run -s studio -- collections ${name} ID [flags]

${told} ID may be the beginning of one.

${keptHelp}`,
  async run(args, io) {
    const { values, positionals } = parse(args, keptFlags, { positionals: 1 });
    return withRuns(values, io, async (store) => {
      const { id } = await runOf(positionals[0], store);
      await store.set(id, status);
      const run = await store.view(id);
      await (values.json ? sayJson(io, run) : say(io, runLines(run)));
      return 0;
    });
  },
});

export const pauseRun = setting(
  'pause',
  'paused',
  'lets a run end after the batches that are worked on',
  'Ends a run after the batches that are worked on, in all processes. The command that began it goes on with --resume.',
);
export const cancelRun = setting(
  'cancel',
  'cancelled',
  'ends a run for good',
  'Ends a run for good, in all processes. What is done stays for whoever begins the same again.',
);
