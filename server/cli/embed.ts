import { StudioError } from '../../models/errors';
import { norm } from '../../models/spaces/embedding';
import { writeNpy } from '../../models/files/npy';
import { writeSafetensors } from '../../models/files/safetensors';
import { engineSettings, parse, text } from './args';
import { embeddingTarget } from './collection/embeddings';
import { collectionFlags, inputHelp, isCollection, runHelp } from './collection/flags';
import { runCollection, runFields } from './collection/run';
import type { Command } from './command';
import { fieldHelp, type Fields } from './fields';
import { type Io, sayJson, tell } from './io';
import { DocumentFile } from '../files/document';
import { readBytes } from '../files/read-bytes';
import { readPhoto } from './photo';
import { spaceFlags, spaceHelp } from './space-flags';

const flags = {
  ...collectionFlags,
  ...spaceFlags,
  text: { type: 'string' },
  out: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const fields: Fields = {
  space: 'the space that it is of',
  modality: 'image or text',
  state: 'raw: as the tower gives it',
  dim: 'how many values',
  norm: 'its length',
  'values[]': 'the values',
};

export const embed: Command = {
  summary: 'the embedding of a photo or a text, or those of a collection',
  help: `npm run -s studio -- embed PHOTO [flags]
npm run -s studio -- embed --text "a dog runs" [flags]
npm run -s studio -- embed PHOTO|FOLDER|ARCHIVE|TABLE... --out FILE.npy [flags]

The raw embedding, as the tower gives it, on standard output as JSON or in a file. For PHOTO and for the text, - reads standard input.

  --out FILE         .npy, .json or .safetensors; written whole or not at all
${spaceHelp}
  --json             as without it: what is printed is JSON

Collections, and several photos, become one array of N × D in FILE.npy, and FILE.keys.json has the N keys in the same order; both are written
when all is done. Photos that cannot be read are named and have no row.

${inputHelp}
${runHelp}

The JSON has
${fieldHelp(fields)}
and of a collection
${fieldHelp(runFields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags);
    const [photo] = positionals;
    if (
      values.text === undefined &&
      (positionals.length > 1 || (await isCollection(io, positionals, values, Object.keys(collectionFlags))))
    ) {
      const open = embeddingTarget(values, io);
      return runCollection(
        { command: 'embed', args, values, inputs: positionals, lanes: [], embeddings: true, open },
        io,
      );
    }
    if ((text(values.text) === undefined) === (photo === undefined))
      throw new StudioError('option-invalid', 'Name one photo, or give --text "words".');
    const out = text(values.out);
    if (out !== undefined && !/\.(npy|json|safetensors)$/i.test(out))
      throw new StudioError(
        'option-invalid',
        `--out ${out}: expected a name that ends in .npy, .json or .safetensors.`,
      );
    const settings = engineSettings(values, io);
    const file = out === undefined ? undefined : await DocumentFile.open(io, out);
    const engine = await io.openEngine(settings);
    try {
      const family = text(values.family) ?? 'pocket';
      const embedding =
        photo === undefined
          ? (await engine.embedTexts(family, [await wordsOf(io, text(values.text)!)]))[0]!
          : await engine.embedImage(family, await readPhoto(io, photo));
      const { space, modality, state, values: row } = embedding;
      const json = { space, modality, state, dim: row.length, norm: norm(row), values: Array.from(row) };
      if (out === undefined || !file) await sayJson(io, json);
      else {
        await file.replace([
          /npy$/i.test(out)
            ? writeNpy([row])
            : /json$/i.test(out)
              ? `${JSON.stringify(json)}\n`
              : writeSafetensors({ embedding: { dims: [row.length], values: row } }),
        ]);
        tell(io, `${out}: ${modality} embedding of ${space}, ${json.dim} values, norm ${json.norm.toFixed(3)}`);
      }
      return 0;
    } finally {
      await file?.close();
      await engine.close();
    }
  },
};

/** The text itself, or what standard input says where it is `-`. */
const wordsOf = async (io: Io, given: string): Promise<string> =>
  given === '-' ? new TextDecoder().decode(await readBytes(io, given)).trim() : given;
