import { StudioError } from '../../../models/errors';
import { historyPage } from '../../history/page';
import { localOwner } from '../../owners/signing';
import { count, parse, text, type Values } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields, within } from '../fields';
import { say, sayJson } from '../io';
import { comparisonFields, laneFields } from './fields';
import { keptFlags, keptHelp, withKept } from './kept';
import { entryLines } from './lines';

const flags = {
  ...keptFlags,
  search: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
  deleted: { type: 'boolean' },
  rated: { type: 'boolean' },
  unrated: { type: 'boolean' },
} as const;

const fields: Fields = {
  ...within('entries[]', {
    ...comparisonFields,
    deletedAt: 'when it was deleted',
    'said[]': 'captions that a person accepted or wrote',
    bytes: 'what it takes on the disk, with its picture',
    'image.*': 'size and address of its picture, or null',
    ...within('lanes[]', { ...laneFields, caption: 'its caption', similarity: 'cosine of caption and input' }),
    shares: 'how many links show it',
  }),
  nextCursor: 'what --cursor takes for the next page; null at the end',
};

export const listHistory: Command = {
  summary: 'what was kept, newest first',
  help: `npm run -s studio -- history list [flags]

  --search WORDS     beginnings of words in captions, titles and notes
  --rated            those of which some caption is rated
  --unrated          those of which none is
  --deleted          those that were deleted and can be brought back
  --limit N          entries of a page   (20)
  --cursor C         goes on where a page before ended: its nextCursor
${keptHelp}

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values } = parse(args, flags, { positionals: 0 });
    return withKept(values, io, async ({ database }) => {
      const page = await historyPage(database, {
        ownerId: localOwner,
        limit: Math.min(count('limit', text(values.limit)) ?? 20, 1_000),
        cursor: text(values.cursor),
        search: text(values.search),
        deleted: values.deleted === true,
        ...ratedFilter(values),
      });
      if (values.json) await sayJson(io, page);
      else {
        if (!page.entries.length)
          await say(
            io,
            values.search === undefined && values.rated === undefined && values.unrated === undefined
              ? 'Nothing is kept yet.'
              : 'Nothing is found.',
          );
        for (const entry of page.entries) await say(io, entryLines(entry));
        if (page.nextCursor) await say(io, `\nMore: history list --cursor ${page.nextCursor}`);
      }
      return 0;
    });
  },
};

/** @throws option-invalid for both at once, which nothing could be */
function ratedFilter({ rated, unrated }: Values): { rated?: boolean } {
  if (rated && unrated)
    throw new StudioError('option-invalid', 'Nothing is both rated and unrated: give --rated or --unrated.');
  return rated ? { rated: true } : unrated ? { rated: false } : {};
}
