import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { say, sayJson } from '../io';
import { familyWord, memoryOf } from './read';

const fields: Fields = {
  row: 'its number, from 0',
  sentence: 'the sentence',
  repeats: 'how often the list of sentences said it',
};

export const list: Command = {
  summary: 'the sentences of a family’s memory, in their order',
  help: `npm run -s studio -- memory list FAMILY [flags]

A sentence a line.

  --families-dir DIR folder of the embedded families   (models)
  --json             machine-readable output

With --json one object a sentence and line:
${fieldHelp(fields)}`,
  async run(args, io) {
    const flags = { 'families-dir': { type: 'string' }, json: { type: 'boolean' } } as const;
    const { values, family } = familyWord(args, flags, 'memory list pocket');
    const { sentences, repeats } = await memoryOf(family, values, io);
    for (const [row, sentence] of sentences.entries())
      if (values.json) await sayJson(io, { row, sentence, repeats: repeats?.[row] ?? 1 });
      else await say(io, sentence);
    return 0;
  },
};
