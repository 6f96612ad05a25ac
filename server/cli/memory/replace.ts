import { StudioError } from '../../../models/errors';
import { amount } from '../../../models/units';
import { memoryKind } from '../../../models/weights/import/memory';
import { parse, text } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { pathOf, say, sayJson } from '../io';
import { catalogOf } from '../models/catalog';
import { InstallLine } from '../models/progress';
import { count } from '../args';

const fields: Fields = {
  family: 'the name of the new family',
  bytes: 'what it takes on the disk',
  seconds: 'how long it took',
};

export const replace: Command = {
  summary: 'a family like another, with a memory of your own sentences',
  help: `npm run -s studio -- memory replace FAMILY SENTENCES --name NEW [flags]

Makes the family NEW: FAMILY, whose DeCap reads embeddings through SENTENCES (.txt, a sentence a line; .json or .jsonl as captions are
written). They are embedded by the family's own text tower; one that is there several times is one row that weighs as often. FAMILY stays as
it is, and shares its files with NEW where the disk has links.

  --name NEW     what to call it
  --rows N       sentences that are taken, evenly spread over the list   (all)
  --json         machine-readable output

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(
      args,
      { name: { type: 'string' }, rows: { type: 'string' }, json: { type: 'boolean' } },
      { positionals: 2 },
    );
    const [family, file] = positionals;
    const name = text(values.name);
    if (family === undefined || file === undefined || name === undefined)
      throw new StudioError('option-invalid', 'Name all three: memory replace pocket sentences.txt --name pocket-mine');
    if (file === '-') throw new StudioError('option-invalid', 'Name a file of sentences, not standard input.');
    const rows = count('rows', text(values.rows));
    const { installer, store } = catalogOf(io);
    const line = new InstallLine(io.stderr);
    const start = performance.now();
    try {
      await installer.import(
        {
          kind: memoryKind.id,
          files: [pathOf(io, file)],
          name,
          base: family,
          ...(rows === undefined ? {} : { options: { memoryRows: rows } }),
        },
        { onProgress: line.update.bind(line), signal: io.signal },
      );
    } finally {
      line.end();
    }
    const bytes = (await store.list()).find((one) => one.name === name)?.bytes ?? 0;
    if (values.json) await sayJson(io, { family: name, bytes, seconds: (performance.now() - start) / 1000 });
    else
      await say(
        io,
        `${name} is installed (${amount(bytes)}). npm run -s studio -- caption photo.jpg --decoder decap --family ${name}`,
      );
    return 0;
  },
};
