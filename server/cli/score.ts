import { joinCaptions } from '../../kept/captions/join';
import { candidatesIn } from '../../kept/captions/read';
import { StudioError } from '../../models/errors';
import { score, type Scores } from '../../models/metrics/score';
import { parse, text } from './args';
import type { Command } from './command';
import { fieldHelp, type Fields, within } from './fields';
import { say, sayJson, tell } from './io';
import { readCaptionFile, readFrequencies, readReferenceImages, referencesHelp, tellOfFrequencies } from './references';
import { scoreFields } from './score-fields';

const fields: Fields = {
  ...scoreFields,
  ...within('decoders{}', scoreFields),
  tokenizer: 'how texts were split into words: ptb or none',
};

export const scoreCommand: Command = {
  summary: "scores anybody's captions against references",
  help: `npm run -s studio -- score --candidates FILE --references FILE [flags]

Candidates: {"image": ["caption"]}, of several the first is scored, or any of the layouts below; also what \`caption --json\` and
\`--out\`, \`evaluate --captions\` and exports of the history hold, whose decoders are scored each. BLEU-1..4, ROUGE-L and CIDEr-D as the
COCO evaluation computes them, to its own words. What papers print as CIDEr is ciderD (times 100); cider is the plain measure without clipping
and penalty, which that evaluation does not print (docs/scores.md).

${referencesHelp}

  --lane L               of candidates by several decoders: this lane or decoder alone
  --split NAME           of references with splits: this one alone
  --frequencies FILE     counts CIDEr's document frequencies in the references of this file
  --tokenizer ptb|none   Penn Treebank words, or words split at spaces (tokenised already)   (ptb)
  --json                 machine-readable output

With --json one object, of several decoders with \`decoders\`:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values } = parse(
      args,
      {
        candidates: { type: 'string' },
        references: { type: 'string' },
        lane: { type: 'string' },
        split: { type: 'string' },
        frequencies: { type: 'string' },
        tokenizer: { type: 'string' },
        json: { type: 'boolean' },
      },
      { positionals: 0 },
    );
    const file = text(values.candidates);
    const referenceFile = text(values.references);
    const tokenizer = text(values.tokenizer) ?? 'ptb';
    if (file === undefined || referenceFile === undefined)
      throw new StudioError('option-invalid', 'Name both: score --candidates FILE --references FILE');
    if (tokenizer !== 'ptb' && tokenizer !== 'none')
      throw new StudioError('option-invalid', `--tokenizer is "${tokenizer}"; expected ptb or none.`);
    const read = await readCaptionFile(io, file);
    const lanes = candidatesIn(file, read, text(values.lane));
    for (const note of read.notes) tell(io, note);
    const references = await readReferenceImages(io, referenceFile, text(values.split));
    const frequencies = await readFrequencies(io, text(values.frequencies), tokenizer);
    const scores: [string, Scores][] = [];
    for (const [lane, candidates] of lanes) {
      const { items, notes } = joinCaptions(candidates, references);
      for (const note of notes) tell(io, lane ? `${lane}: ${note}` : note);
      tellOfFrequencies(io, items.length, frequencies);
      scores.push([lane, score(items, tokenizer, frequencies)]);
    }
    // A file of one unnamed lane, or one lane that was asked for, is answered plainly.
    const plain = !read.lanes.size || values.lane !== undefined;
    if (values.json)
      await sayJson(io, { ...(plain ? scores[0]![1] : { decoders: Object.fromEntries(scores) }), tokenizer });
    else
      for (const [lane, all] of scores) {
        if (!plain) await say(io, lane);
        for (const [name, value] of Object.entries(all))
          await say(io, `${plain ? '' : '  '}${name.padEnd(9)} ${Number.isInteger(value) ? value : value.toFixed(4)}`);
      }
    return 0;
  },
};
