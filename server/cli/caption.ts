import { type ErrorData, StudioError } from '../../models/errors';
import { told } from '../errors/told';
import { engineSettings, parse, text } from './args';
import type { Command } from './command';
import { readFamily } from './family';
import { errorFields, fieldHelp, within } from './fields';
import { say, sayJson, tell } from './io';
import { anyFailed, captionLines, captionRecord, captionRecordFields, type Gathered, gather } from './lane-output';
import { decodeFlags, decodeHelp, lanesOf } from './lanes';
import { readPhoto } from './photo';
import { Progress } from './progress';

/** What is wrong with the request is wrong with every photo. */
const ofTheRequest = new Set<string>(['cancelled', 'option-invalid', 'decoder-unknown', 'family-unknown']);

export const captionFields = { ...captionRecordFields, ...within('error', errorFields) };

export const caption: Command = {
  summary: 'captions of photos by every decoder',
  help: `npm run -s studio -- caption PHOTO... [flags]

Prints a caption by every decoder for each photo; - reads a photo from standard input. A photo that cannot be read is named, and the
rest go on; the exit status is 1 if any failed.

  cos    cosine of caption and photo in the family's space     sure   what that cosine says of such a caption     ms   time that it took

${decodeHelp}

With --json one object a photo and line, with \`captions\` or with \`error\`:
${fieldHelp(captionFields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, decodeFlags);
    if (!positionals.length)
      throw new StudioError('option-invalid', 'Name at least one photo: npm run -s studio -- caption photo.jpg');
    const settings = engineSettings(values, io);
    const family = text(values.family) ?? 'pocket';
    const lanes = lanesOf(values, (await readFamily(family, settings)).manifest);
    const engine = await io.openEngine(settings);
    const progress = new Progress(io.stderr, positionals.length, lanes.length, false);
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
