import { parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields, within } from '../fields';
import { say, sayJson } from '../io';
import { comparisonFields, failureFields, laneFields } from './fields';
import { keptFlags, keptHelp, viewOf, withKept } from './kept';
import { viewLines } from './lines';

const fields: Fields = {
  ...comparisonFields,
  appVersion: 'version of the studio that ran it',
  'weightHashes{}': 'SHA-256 of every weight file then',
  familyHash: "SHA-256 of the family's manifest",
  'image.*': 'size and addresses of its picture, or null',
  'embedding[]': 'the embedding of the input, where it was given or sent along',
  modality: 'image or text, of an embedding that was given',
  'references[]': 'captions that people wrote for it',
  ...within('said[]', {
    id: 'names it within the comparison',
    text: 'what its owner says of the photo',
    lane: 'the lane whose caption it is, or that it was made of; left out where it is of none',
    own: 'whether the owner wrote or changed the words, or accepted them as they stood',
    at: 'when it was last changed',
    by: 'who said it: local, the id of a browser, or this browser',
  }),
  ...within('lanes[]', {
    ...laneFields,
    'options.*': 'the options that it ran with',
    'result.*': 'caption, tokens, logProb, similarity and the rest of what it found',
    ...failureFields,
  }),
  ...failureFields,
  lastEventId: 'the last event of it',
  'items[].*': 'with --events: every event in order',
};

export const showHistory: Command = {
  summary: 'captions and numbers of one comparison',
  help: `npm run -s studio -- history show ID [--events] [flags]

An ID may be cut as long as it is clear.

  --events           with every step, an event a line
${keptHelp}

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, { ...keptFlags, events: { type: 'boolean' } }, { positionals: 1 });
    const [given] = positionals;
    return withKept(values, io, async (kept) => {
      const { items, ...view } = await viewOf(given, kept);
      if (values.json) await sayJson(io, { ...view, ...(values.events ? { items } : {}) });
      else {
        await say(io, viewLines(view));
        if (values.events) for (const item of items) await sayJson(io, item);
      }
      return 0;
    });
  },
};
