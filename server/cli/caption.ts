import { StudioError } from '../../models/errors';
import { decodeFlags, decodeHelp, engineSettings, lanesOf, parse, text } from './args';
import { readFamily } from './family';
import { anyFailed, captionJson, captionLines, gather } from './lane-output';
import type { Command } from './command';
import { ReaderLeft, say, sayJson, tell } from './io';
import { readPhoto } from './photo';

export const caption: Command = {
  summary: 'captions of photos by every decoder',
  help: `npm run -s studio -- caption PHOTO... [flags]

Prints a caption by every decoder for each photo. A photo that cannot be read is named, and the rest go on; the exit status is 1
if any failed.

${decodeHelp}

With --json one object a photo and line:
  {"image","family","device","precision","encodeMs","captions":[{"decoder","caption","tokens","logProb","similarity","certainty","ms","firstTokenMs"}]}
  {"image","error":{"code","message"}}`,
  async run(args, io) {
    const { values, positionals } = parse(args, decodeFlags);
    if (!positionals.length)
      throw new StudioError('option-invalid', 'Name at least one photo: npm run -s studio -- caption photo.jpg');
    const settings = engineSettings(values, io);
    const family = text(values.family) ?? 'pocket';
    const lanes = lanesOf(values, (await readFamily(family, settings)).manifest);
    const engine = await io.openEngine(settings);
    let failed = false;
    try {
      for (const image of positionals) {
        try {
          const input = { kind: 'image' as const, image: await readPhoto(io, image) };
          const said = await gather(engine.compare({ family, input, lanes }, { signal: io.signal }));
          failed ||= anyFailed(said.lanes);
          if (values.json) {
            const { device, precision, encodeMs } = said;
            await sayJson(io, {
              image,
              family: said.family,
              device: device.name,
              ...(device.reason ? { deviceReason: device.reason } : {}),
              precision,
              encodeMs,
              captions: said.lanes.map(captionJson),
            });
          } else
            await say(
              io,
              [
                `${image}   (${said.family} on ${said.device.name}, ${said.precision})`,
                ...captionLines(said.lanes),
              ].join('\n'),
            );
        } catch (error) {
          if (error instanceof ReaderLeft) throw error;
          const { code, message } = StudioError.from(error);
          // What is wrong with the request is wrong with every photo.
          if (
            code === 'cancelled' ||
            code === 'option-invalid' ||
            code === 'decoder-unknown' ||
            code === 'family-unknown'
          )
            throw error;
          failed = true;
          if (values.json) await sayJson(io, { image, error: { code, message } });
          else tell(io, `${image}: ${message}`);
        }
      }
    } finally {
      await engine.close();
    }
    return failed ? 1 : 0;
  },
};
