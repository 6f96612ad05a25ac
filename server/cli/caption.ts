import { type ErrorData, StudioError } from '../../models/errors';
import { told } from '../errors/told';
import { engineSettings, parse, text } from './args';
import { captionTarget } from './collection/captions';
import { collectionFlags, inputHelp, isCollection, runHelp } from './collection/flags';
import { runCollection, runFields } from './collection/run';
import type { Command } from './command';
import { readFamily } from '../weights/read-family';
import { errorFields, fieldHelp, within } from './fields';
import { say, sayJson, tell } from './io';
import { anyFailed, captionLines, captionRecord, captionRecordFields, type Gathered, gather } from './lane-output';
import { decodeFlags, decodeHelp, lanesOf } from './lanes';
import { sinkFormats } from '../collections/sinks/types';
import { readPhoto } from './photo';
import { Progress } from './progress';

/** What is wrong with the request is wrong with every photo. */
const ofTheRequest = new Set<string>(['cancelled', 'option-invalid', 'decoder-unknown', 'family-unknown']);

export const captionFields = { ...captionRecordFields, ...within('error', errorFields) };
const flags = {
  ...decodeFlags,
  ...collectionFlags,
  out: { type: 'string' },
  format: { type: 'string' },
  sidecar: { type: 'string' },
  prefix: { type: 'string' },
  suffix: { type: 'string' },
} as const;

export const caption: Command = {
  summary: 'captions of photos and collections by every decoder',
  help: `npm run -s studio -- caption PHOTO|FOLDER|ARCHIVE|TABLE... [flags]

Prints a caption by every decoder for each photo; - reads a photo from standard input. A photo that cannot be read is named, and the
rest go on; the exit status is 1 if any failed. Folders, archives (.tar, .tar.gz, webdataset), tables (.jsonl, .csv, .parquet), COCO (.json),
patterns and addresses are collections, and so is whatever goes to a file (docs/collections.md): many photos side by side, and a run
that was stopped goes on.

  cos    cosine of caption and photo in the family's space     sure   what that cosine says of such a caption     ms   time that it took

${decodeHelp}

Collections:
${inputHelp}
  --out FILE         .jsonl (a photo a line as --json prints it, without times), .csv, .json (COCO results), .parquet or
                     .tar (webdataset)
  --format F         ${sinkFormats.join(', ')}   (by the ending of FILE)
  --sidecar MODE     also a .txt beside each photo: skip, append or overwrite says what becomes of one that is there
  --prefix TEXT      put before every caption of a .txt, and --suffix TEXT behind
${runHelp}

With --json one object a photo and line, with \`captions\` or with \`error\`:
${fieldHelp(captionFields)}
with --out one object of the run instead:
${fieldHelp(runFields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags);
    if (!positionals.length && values.list === undefined)
      throw new StudioError('option-invalid', 'Name at least one photo: npm run -s studio -- caption photo.jpg');
    const settings = engineSettings(values, io);
    if (
      await isCollection(io, positionals, values, [
        ...Object.keys(collectionFlags),
        'out',
        'format',
        'sidecar',
        'prefix',
        'suffix',
      ])
    ) {
      const { manifest } = await readFamily(text(values.family) ?? 'pocket', settings);
      const lanes = lanesOf(values, manifest);
      const open = captionTarget(
        values,
        lanes.map(({ id }) => id),
        io,
      );
      return runCollection(
        { command: 'caption', args, values, inputs: positionals, lanes, embeddings: false, open },
        io,
      );
    }
    const family = text(values.family) ?? 'pocket';
    const lanes = lanesOf(values, (await readFamily(family, settings)).manifest);
    const engine = await io.openEngine(settings);
    const progress = new Progress(io.stderr, positionals.length, lanes.length, { elsewhere: false });
    let [failed, reasonTold, seen] = [false, false, 0];
    try {
      for (const image of positionals) {
        let answer: { said: Gathered } | { error: ErrorData };
        try {
          const input = { kind: 'image' as const, image: await readPhoto(io, image) };
          answer = { said: await gather(engine.compare({ family, input, lanes }, { signal: io.signal })) };
        } catch (error) {
          const { code, message } = told(error);
          if (ofTheRequest.has(code)) throw error;
          answer = { error: { code, message } };
        }
        progress.hide();
        if ('error' in answer) {
          failed = true;
          if (values.json) await sayJson(io, { image, error: answer.error });
          else tell(io, `${image}: ${answer.error.message}`);
        } else {
          const { said } = answer;
          failed ||= anyFailed(said.lanes);
          if (values.json) await sayJson(io, captionRecord(image, said, { reason: !reasonTold }));
          else {
            const head = `${image}   (${said.family} on ${said.device.name}, ${said.precision})`;
            await say(io, [head, ...captionLines(said.lanes)].join('\n'));
          }
          reasonTold = true;
        }
        progress.show();
        progress.update(++seen);
      }
      progress.endQuietly(seen);
    } finally {
      progress.hide();
      await engine.close();
    }
    return failed ? 1 : 0;
  },
};
