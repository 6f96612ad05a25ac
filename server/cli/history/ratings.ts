import { type RatingTable, ratingTable } from '../../../kept/ratings';
import { ratedComparisons } from '../../history/ratings';
import { localOwner } from '../../owners/signing';
import { parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { say, sayJson } from '../io';
import { keptFlags, keptHelp, withKept } from './kept';

const fields: Fields = {
  comparisons: 'in how many something was rated',
  ratings: 'how many captions were rated',
  'decoders[].decoder': 'the best mean first',
  'decoders[].n': 'rated captions',
  'decoders[].blind': 'of them rated blind',
  'decoders[].mean': 'mean of the stars',
  'decoders[].sd': 'their standard deviation; null for one',
  'pairs[].a': 'a decoder',
  'pairs[].b': 'another',
  'pairs[].n': 'pairs of rated captions of the same input',
  'pairs[].wins': 'a has more stars',
  'pairs[].ties': 'as many',
  'pairs[].losses': 'b has more',
  'pairs[].rate': '(wins + ties / 2) / n',
  branches: 'rated branches, which are in no sum: a person chose how they begin',
};

export const historyRatings: Command = {
  summary: 'mean stars by decoder, and how often each was preferred to each other',
  help: `npm run -s studio -- history ratings [--blind] [flags]

Preferences are counted on the same input.

  --blind            only what was rated while the names were hidden
${keptHelp}

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values } = parse(args, { ...keptFlags, blind: { type: 'boolean' } }, { positionals: 0 });
    return withKept(values, io, async ({ database }) => {
      const table = ratingTable(await ratedComparisons(database, localOwner), { blindOnly: values.blind === true });
      if (values.json) await sayJson(io, table);
      else
        await say(
          io,
          table.ratings
            ? ratingLines(table)
            : [
                `Nothing is rated${values.blind ? ' blind' : ''} yet. Give stars to captions on the page.`,
                ...(table.branches ? [branchLine(table.branches)] : []),
              ].join('\n'),
        );
      return 0;
    });
  },
};

function ratingLines({ comparisons, ratings, decoders, pairs, branches }: RatingTable): string {
  const right = (value: string | number, width: number) => String(value).padStart(width);
  return [
    `${ratings} ratings in ${comparisons} ${comparisons === 1 ? 'comparison' : 'comparisons'}; stars of 5`,
    `  ${'decoder'.padEnd(12)}${right('n', 6)}${right('mean', 7)}${right('sd', 7)}${right('blind', 7)}`,
    ...decoders.map(
      ({ decoder, n, mean, sd, blind }) =>
        `  ${decoder.padEnd(12)}${right(n, 6)}${right(mean.toFixed(2), 7)}${right(sd?.toFixed(2) ?? '-', 7)}${right(blind, 7)}`,
    ),
    ...(pairs.length ? ['', 'More stars on the same input; rate: wins and half of the ties, of n'] : []),
    ...pairs.map(
      ({ a, b, n, wins, ties, losses, rate }) =>
        `  ${`${a} over ${b}`.padEnd(24)} n ${right(n, 4)}  wins ${right(wins, 4)}  ties ${right(ties, 4)}  losses ${right(losses, 4)}  rate ${rate.toFixed(2)}`,
    ),
    ...(branches ? ['', branchLine(branches)] : []),
  ].join('\n');
}

const branchLine = (branches: number) =>
  `Not counted: ${branches} rated ${branches === 1 ? 'branch' : 'branches'}, whose beginning a person chose.`;
