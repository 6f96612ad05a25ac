import { StudioError } from '../../../models/errors';
import { importFile } from '../../history/import';
import { localOwner } from '../../owners/signing';
import { parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { nameOf, say, sayJson } from '../io';
import { readBytes } from '../../files/read-bytes';
import { keptFlags, keptHelp, withKept } from './kept';

const fields: Fields = {
  file: 'the file as it was named',
  'comparisons[].id': 'its id here',
  'comparisons[].title': 'what its owner calls it',
  'comparisons[].hash': 'SHA-256 of the record',
  'comparisons[].known': 'true where it was here already',
};

export const importHistory: Command = {
  summary: 'brings back what was exported as json',
  help: `npm run -s studio -- history import FILE... [flags]

Checks everything in a file before it keeps anything of it; what is here already is not doubled. - reads standard input.

${keptHelp}

With --json one object a file and line:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, keptFlags);
    if (!positionals.length) throw new StudioError('option-invalid', 'Name the file to import: history import FILE');
    return withKept(values, io, async (kept) => {
      for (const file of positionals) {
        const text = new TextDecoder().decode(await readBytes(io, file));
        const { comparisons } = await importFile(kept, localOwner, text).catch((cause: unknown) => {
          const { code, message, details } = StudioError.from(cause);
          throw new StudioError(code, `${nameOf(file)}: ${message}`, { cause, details });
        });
        if (values.json) await sayJson(io, { file, comparisons });
        else
          for (const { id, title, known } of comparisons)
            await say(io, `${id}  ${known ? 'is here already' : 'imported'}${title ? `  ${title}` : ''}`);
      }
      return 0;
    });
  },
};
