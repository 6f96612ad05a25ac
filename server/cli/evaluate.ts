import { StudioError } from '../../models/errors';
import { count, engineSettings, parse, text } from './args';
import { captionSet, setRecord } from './caption-set';
import { captionsFileHelp, openCaptionsFile } from './captions-file';
import { readFamily } from '../weights/read-family';
import type { Command } from './command';
import { fieldHelp, type Fields, within } from './fields';
import { say, sayJson } from './io';
import { decodeFlags, decodeHelp, lanesOf } from './lanes';
import { readFrequencies, readReferences, referencesHelp } from './references';
import { differenceFields, laneScoreFields, setFields } from './score-fields';
import { openScoring, scoringFlags, scoringHelp } from './scoring';
import { sayDifferences } from './scoring/outputs';

const fields: Fields = {
  ...within('decoders{}', laneScoreFields),
  ...differenceFields,
  tokenizer: 'how texts were split into words: ptb',
  ...setFields,
};

export const evaluate: Command = {
  summary: 'captions a set of photos and scores the captions against references',
  help: `npm run -s studio -- evaluate --images DIR|TAR --references FILE [flags]

${referencesHelp}
CIDEr-D is in COCO's scale, document frequencies from the references; words as the Penn Treebank tokenizer splits them.

  --split NAME       of references with splits: this one alone
  --frequencies FILE counts CIDEr's document frequencies in the references of this file
  --limit N          only the first N photos
${captionsFileHelp}
${scoringHelp}
${decodeHelp}

The exit status is 1 if any photo failed or the photos ended early; what was captioned before is scored.

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values } = parse(
      args,
      {
        ...decodeFlags,
        ...scoringFlags,
        images: { type: 'string' },
        references: { type: 'string' },
        split: { type: 'string' },
        frequencies: { type: 'string' },
        limit: { type: 'string' },
        captions: { type: 'string' },
      },
      { positionals: 0 },
    );
    const images = text(values.images);
    const file = text(values.references);
    if (images === undefined || file === undefined)
      throw new StudioError('option-invalid', 'Name both: evaluate --images DIR|TAR --references FILE');
    const references = await readReferences(io, file, text(values.split));
    const frequencies = await readFrequencies(io, text(values.frequencies));
    const limit = Math.min(count('limit', text(values.limit)) ?? references.size, references.size);
    const family = text(values.family) ?? 'pocket';
    const settings = engineSettings(values, io);
    const { manifest, hash } = await readFamily(family, settings);
    const lanes = lanesOf(values, manifest);
    const scoring = await openScoring(values, io, 'ptb');
    const out = text(values.captions);
    const kept = out === undefined ? undefined : await openCaptionsFile(io, out);
    const engine = await io.openEngine(settings);
    const set = await captionSet(
      engine,
      { images, references, file, frequencies, limit, family, lanes },
      io,
      kept?.add,
    ).finally(() => Promise.all([engine.close(), kept?.close()]));
    const report = await scoring.run(set.systems, { frequencies, images });
    const { differences } = report;
    const scores = Object.fromEntries(
      report.systems.map(({ name, scores: all }) => {
        const { similarity, msPerImage } = set.scores[name]!;
        return [name, { ...all, similarity, msPerImage }];
      }),
    );
    if (scoring.tables) await scoring.tables(report);
    else if (values.json)
      await sayJson(io, {
        decoders: scores,
        ...(differences.length ? { differences } : {}),
        tokenizer: 'ptb',
        family,
        familyHash: hash,
        ...setRecord(set),
      });
    else {
      await say(io, `${'decoder'.padEnd(11)}    n  BLEU-1  BLEU-4  ROUGE-L  CIDEr-D    cos  distinct  ms`);
      for (const [decoder, s] of Object.entries(scores))
        await say(
          io,
          `${decoder.padEnd(11)} ${String(s.n).padStart(4)}  ${s.bleu1.toFixed(4)}  ${s.bleu4.toFixed(4)}   ${s.rougeL.toFixed(4)}   ${s.ciderD.toFixed(4)}  ` +
            `${s.similarity.toFixed(3)}  ${String(s.distinct).padStart(8)}  ${s.msPerImage.toFixed(0)}`,
        );
      for (const [decoder, { clip, chair }] of Object.entries(scores)) {
        if (clip)
          await say(
            io,
            `${decoder.padEnd(11)} in ${clip.space}: CLIPScore ${clip.clipScore.toFixed(4)}, RefCLIPScore ${clip.refClipScore.toFixed(4)}`,
          );
        if (chair)
          await say(io, `${decoder.padEnd(11)} CHAIRi ${chair.chairI.toFixed(4)}, CHAIRs ${chair.chairS.toFixed(4)}`);
      }
      await sayDifferences(io, report);
    }
    return set.failures || set.fault ? 1 : 0;
  },
};
