import { StudioError } from '../../models/errors';
import { readEmbeddingFile } from '../../models/files/embedding-file';
import { engineSettings, parse, text } from './args';
import { readFamily } from './family';
import { decodeFlags, decodeHelp, lanesOf } from './lanes';
import { anyFailed, captionLines, embeddingRecord, embeddingRecordFields, gather } from './lane-output';
import type { Command } from './command';
import { fieldHelp } from './fields';
import { nameOf, say, sayJson } from './io';
import { readBytes } from '../files/read-bytes';

export const decode: Command = {
  summary: 'what an embedding says: captions of any vector of a space',
  help: `npm run -s studio -- decode --embedding FILE --space NAME [flags]

FILE is .npy, .json or .safetensors with one embedding or one a row; raw or unit, since decoders normalise; - reads it from standard
input. Each row is answered. CoCa reads image tokens, which a bare embedding has not, and says so. A .json file that \`embed\` wrote
tells its space and modality.

  --space NAME      the space that the embedding is of   (pocket)
  --modality M      image or text: CapDec's offset moves image embeddings only   (what the file tells, else image)
${decodeHelp}

With --json one object a row and line:
${fieldHelp(embeddingRecordFields)}`,
  async run(args, io) {
    const { values, positionals } = parse(
      args,
      { ...decodeFlags, embedding: { type: 'string' }, space: { type: 'string' }, modality: { type: 'string' } },
      { positionals: 1 },
    );
    const [file, another] = [text(values.embedding), ...positionals].filter((name) => name !== undefined);
    if (file === undefined || another !== undefined)
      throw new StudioError(
        'option-invalid',
        'Name one file: npm run -s studio -- decode --embedding photo.npy --space pocket',
      );
    const asked = text(values.modality);
    if (asked !== undefined && asked !== 'image' && asked !== 'text')
      throw new StudioError('option-invalid', `--modality is "${asked}"; expected image or text.`);
    const settings = engineSettings(values, io);
    const family = text(values.family) ?? 'pocket';
    const { manifest } = await readFamily(family, settings);
    const { space } = manifest;
    const lanes = lanesOf(values, manifest);
    const wanted = text(values.space) ?? space.name;
    if (wanted !== space.name)
      throw new StudioError(
        'embedding-mismatch',
        `--space is ${wanted}, and the decoders of ${family} read ${space.name}. Spaces do not mix: choose the family of that space with --family.`,
      );
    const { rows, modality: told } = readEmbeddingFile(nameOf(file), await readBytes(io, file), space.dim, space.name);
    const engine = await io.openEngine(settings);
    let [failed, reasonTold] = [false, false];
    try {
      for (const [row, vector] of rows.entries()) {
        const embedding = {
          space: space.name,
          modality: asked ?? told ?? 'image',
          state: 'raw',
          values: vector,
        } as const;
        const said = await gather(
          engine.compare({ family, input: { kind: 'embedding', embedding }, lanes }, { signal: io.signal }),
        );
        failed ||= anyFailed(said.lanes);
        if (values.json) await sayJson(io, embeddingRecord(file, row, said, { reason: !reasonTold }));
        else
          await say(
            io,
            [
              `${nameOf(file)}${rows.length > 1 ? `, row ${row + 1}` : ''}   (${said.family} on ${said.device.name}, ${said.precision})`,
              ...captionLines(said.lanes),
            ].join('\n'),
          );
        reasonTold = true;
      }
    } finally {
      await engine.close();
    }
    return failed ? 1 : 0;
  },
};
