import { stat } from 'node:fs/promises';
import { StudioError } from '../../../models/errors';
import { memoryFrequencies } from '../../comparisons/frequencies';
import type { Database } from '../../db/open';
import { exportComparisons, type ExportFormat, exportFormats } from '../../history/export';
import { localOwner } from '../../owners/signing';
import { parse, text } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { pathOf, say, sayJson } from '../io';
import { DocumentFile } from '../../files/document';
import { dirsOf, keptFlags, keptHelp, resolveId, withKept } from './kept';

const flags = {
  ...keptFlags,
  all: { type: 'boolean' },
  format: { type: 'string' },
  lane: { type: 'string' },
  out: { type: 'string' },
  'families-dir': { type: 'string' },
} as const;

const fields: Fields = {
  file: 'where it was written',
  bytes: 'how long it is',
  comparisons: 'how many are in it',
};

export const exportHistory: Command = {
  summary: 'comparisons as a file: for another studio, a table, a figure or a page',
  help: `npm run -s studio -- history export ID... | --all [flags]

Every format but json is for reading elsewhere; json is what \`history import\` reads. An ID may be cut as long as it is clear.

  --all              every comparison that has ended
  --format F         ${exportFormats.join(', ')}   (json)
  --lane L           for coco: the lane or decoder whose captions are wanted
  --out FILE         the file, written whole or not at all   (standard output)
  --families-dir DIR folder of the embedded families   (models)
${keptHelp}

With --out and --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags);
    const format = (text(values.format) ?? 'json') as ExportFormat;
    if (!exportFormats.includes(format))
      throw new StudioError('option-invalid', `--format is "${format}"; expected one of ${exportFormats.join(', ')}.`);
    if (values.all && positionals.length)
      throw new StudioError('option-invalid', 'Name comparisons, or give --all: one of them.');
    const name = text(values.out) ?? '-';
    const file = await DocumentFile.open(io, name);
    try {
      return await withKept(values, io, async (kept) => {
        const ids = values.all
          ? await allIds(kept.database)
          : await Promise.all(positionals.map((word) => resolveId(word, kept)));
        const dirs = dirsOf(values, io);
        const { parts } = await exportComparisons(
          {
            images: kept.images,
            view: (id) => kept.store.view(id),
            frequencies: (family, grams) => memoryFrequencies(family, grams, dirs),
          },
          ids,
          format,
          { lane: text(values.lane) },
        );
        await file.replace(parts);
        if (name === '-') return 0;
        if (values.json)
          await sayJson(io, { file: name, bytes: (await stat(pathOf(io, name))).size, comparisons: ids.length });
        else await say(io, `${ids.length} ${ids.length === 1 ? 'comparison' : 'comparisons'} written to ${name}`);
        return 0;
      });
    } finally {
      await file.close();
    }
  },
};

const allIds = async (database: Database) =>
  (
    await database.comparison.findMany({
      where: { ownerId: localOwner, deletedAt: null, status: { notIn: ['queued', 'running'] } },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      select: { id: true },
    })
  ).map(({ id }) => id);
