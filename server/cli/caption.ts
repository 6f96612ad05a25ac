import { StudioError } from '../../models/errors';
import { openEngine } from '../engine/host';
import { decodeFlags, decodeHelp, engineSettings, lanesOf, parse, text } from './args';
import { readFamily } from './family';
import { anyFailed, captionJson, captionLines, gather } from './lane-output';
import type { Command } from './main';
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
  async run(args, signal) {
    const { values, positionals } = parse(args, decodeFlags);
    if (!positionals.length)
      throw new StudioError('option-invalid', 'Name at least one photo: npm run -s studio -- caption photo.jpg');
    const { manifest } = await readFamily(text(values.family) ?? 'pocket', text(values['families-dir']));
    const lanes = lanesOf(values, manifest);
    const engine = await openEngine(engineSettings(values));
    let failed = false;
    try {
      for (const image of positionals) {
        try {
          const input = { kind: 'image' as const, image: await readPhoto(image) };
          const said = await gather(
            engine.compare({ family: text(values.family) ?? 'pocket', input, lanes }, { signal }),
          );
          failed ||= anyFailed(said.lanes);
          if (values.json) {
            const { family, device, precision, encodeMs } = said;
            console.log(
              JSON.stringify({
                image,
                family,
                device: device.name,
                ...(device.reason ? { deviceReason: device.reason } : {}),
                precision,
                encodeMs,
                captions: said.lanes.map(captionJson),
              }),
            );
          } else
            console.log(
              [
                `${image}   (${said.family} on ${said.device.name}, ${said.precision})`,
                ...captionLines(said.lanes),
              ].join('\n'),
            );
        } catch (error) {
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
          if (values.json) console.log(JSON.stringify({ image, error: { code, message } }));
          else console.error(`${image}: ${message}`);
        }
      }
    } finally {
      await engine.close();
    }
    return failed ? 1 : 0;
  },
};
