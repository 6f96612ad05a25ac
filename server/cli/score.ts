import { joinCaptions } from '../../kept/captions/join';
import { candidatesIn, readCaptions } from '../../kept/captions/read';
import { StudioError } from '../../models/errors';
import { captionLines, isParquet } from '../collections/sources/parquet-captions';
import { readBytes } from '../files/read-bytes';
import { parse, text, type Values } from './args';
import type { Command } from './command';
import { fieldHelp, type Fields, within } from './fields';
import { say, sayJson, tell } from './io';
import { readFrequencies, readReferenceImages, referencesHelp, tellOfFrequencies } from './references';
import { differenceFields, scoreFields } from './score-fields';
import { openScoring, scoringFlags, scoringHelp } from './scoring';
import { sayDifferences } from './scoring/outputs';
import { toldLanes } from './scoring/told-lanes';
import type { System } from './scoring/types';
import { spaceFlags } from './space-flags';

const { family: _, ...engineFlags } = spaceFlags;

const fields: Fields = {
  ...scoreFields,
  ...within('decoders{}', scoreFields),
  ...differenceFields,
  tokenizer: 'how texts were split into words: ptb or none',
};

export const scoreCommand: Command = {
  summary: "scores anybody's captions against references",
  help: `npm run -s studio -- score --candidates FILE --references FILE [flags]

Candidates: {"image": ["caption"]}, of several the first is scored (and how varied they are is told), or any of the layouts below; also what
\`caption --json\` and \`--out\`, \`evaluate --captions\` and exports of the history hold, whose decoders are scored each. BLEU-1..4, ROUGE-L and
CIDEr-D as the COCO evaluation computes them, to its own words. What papers print as CIDEr is ciderD (times 100); cider is the plain measure
without clipping and penalty, which that evaluation does not print (docs/scores.md).

${referencesHelp}

  --candidates FILE      may be repeated: each file is a system of its own, called by its name
  --lane L               of candidates by several decoders: this lane or decoder alone
  --split NAME           of references with splits: this one alone
  --frequencies FILE     counts CIDEr's document frequencies in the references of this file
  --tokenizer ptb|none   Penn Treebank words, or words split at spaces (tokenised already)   (ptb)
  --images DIR|TAR       the images, for --clip
${scoringHelp}
  --device NAME, --precision P, --families-dir DIR   of --clip, as of \`embed\`
  --json                 machine-readable output

With --json one object, of several decoders or files with \`decoders\`:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values } = parse(
      args,
      {
        ...scoringFlags,
        ...engineFlags,
        candidates: { type: 'string', multiple: true },
        references: { type: 'string' },
        images: { type: 'string' },
        lane: { type: 'string' },
        split: { type: 'string' },
        frequencies: { type: 'string' },
        tokenizer: { type: 'string' },
        json: { type: 'boolean' },
      },
      { positionals: 0 },
    );
    const files = (values.candidates as string[] | undefined) ?? [];
    const referenceFile = text(values.references);
    const tokenizer = text(values.tokenizer) ?? 'ptb';
    if (!files.length || referenceFile === undefined)
      throw new StudioError('option-invalid', 'Name both: score --candidates FILE --references FILE');
    if (tokenizer !== 'ptb' && tokenizer !== 'none')
      throw new StudioError('option-invalid', `--tokenizer is "${tokenizer}"; expected ptb or none.`);
    const lanes = [];
    for (const file of files) lanes.push(...(await lanesIn(file, files, values, io)));
    const scoring = await openScoring(values, io, tokenizer);
    const references = await readReferenceImages(io, referenceFile, text(values.split));
    const frequencies = await readFrequencies(io, text(values.frequencies), tokenizer);
    const systems = lanes.map(({ name, candidates, told }): System => {
      const { items, notes } = joinCaptions(candidates, references);
      for (const note of notes) tell(io, name ? `${name}: ${note}` : note);
      tellOfFrequencies(io, items.length, frequencies);
      return { name, items: items.map((item) => ({ ...item, key: item.reference })), ...told };
    });
    const report = await scoring.run(systems, { frequencies, images: text(values.images) });
    const { differences } = report;
    // A file of one unnamed lane, or one lane that was asked for, is answered plainly.
    const plain = lanes.length === 1 && (!lanes[0]!.name || values.lane !== undefined);
    if (scoring.tables) await scoring.tables(report);
    else if (values.json) {
      const scores = report.systems.map(({ name, scores: one }) => [name, one] as const);
      await sayJson(io, {
        ...(plain ? scores[0]![1] : { decoders: Object.fromEntries(scores) }),
        ...(differences.length ? { differences } : {}),
        tokenizer,
      });
    } else {
      for (const { name, scores } of report.systems) {
        if (!plain) await say(io, name);
        for (const [what, value] of flat(scores)) await say(io, `${plain ? '' : '  '}${what.padEnd(14)} ${value}`);
      }
      await sayDifferences(io, report);
    }
    return 0;
  },
};

/** The lanes of a file of candidates; of several files each by the file's name too. */
async function lanesIn(file: string, files: readonly string[], values: Values, io: Parameters<Command['run']>[1]) {
  const bytes = await readBytes(io, file);
  const read = readCaptions(file, isParquet(bytes) ? await captionLines(file, bytes) : bytes);
  for (const note of read.notes) tell(io, note);
  const told = toldLanes(bytes);
  return [...candidatesIn(file, read, text(values.lane))].map(([lane, candidates]) => ({
    name: files.length > 1 ? [file, lane].filter(Boolean).join(' ') : lane,
    candidates,
    told: told.get(lane) ?? {},
  }));
}

/** Scores as lines: those inside others by the last of their names. */
function flat(scores: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(scores).flatMap(([name, value]): [string, string][] =>
    typeof value === 'number'
      ? [[name, Number.isInteger(value) ? String(value) : value.toFixed(4)]]
      : typeof value === 'object' && value !== null
        ? flat(value as Record<string, unknown>).map(([inner, said]) => [inner === 'n' ? `${name}N` : inner, said])
        : [[name, String(value)]],
  );
}
