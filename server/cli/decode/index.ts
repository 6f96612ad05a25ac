import type { LaneRequest } from '../../../models/compare';
import { StudioError } from '../../../models/errors';
import type { Embedding } from '../../../models/spaces/embedding';
import type { Source } from '../../collections/sources/types';
import { engineSettings, parse, text, type Values } from '../args';
import { captionTarget } from '../collection/captions';
import { runHelp } from '../collection/flags';
import { runCollection, runFields } from '../collection/run';
import type { Command } from '../command';
import { readFamily } from '../../weights/read-family';
import { fieldHelp } from '../fields';
import { type Io, nameOf, say, sayJson } from '../io';
import {
  anyFailed,
  captionLines,
  captionRecordFields,
  embeddingRecord,
  embeddingRecordFields,
  gather,
} from '../lane-output';
import { decodeFlags, decodeHelp, lanesOf } from '../lanes';
import { vectorsOf } from './vectors';

const runFlags = {
  out: { type: 'string' },
  format: { type: 'string' },
  resume: { type: 'boolean' },
  overwrite: { type: 'boolean' },
  shard: { type: 'string' },
  database: { type: 'string' },
} as const;
const flags = {
  ...decodeFlags,
  ...runFlags,
  embedding: { type: 'string' },
  keys: { type: 'string' },
  space: { type: 'string' },
  modality: { type: 'string' },
  'mean-by': { type: 'string' },
  labels: { type: 'string' },
  direction: { type: 'string' },
} as const;

export const decode: Command = {
  summary: 'what embeddings say: captions of vectors, of clusters, of directions',
  help: `npm run -s studio -- decode FILE [flags]
npm run -s studio -- decode FILE --mean-by COLUMN --labels TABLE [flags]
npm run -s studio -- decode [FILE] --direction A,B [flags]

FILE is .npy, .json or .safetensors with one embedding or one a row; raw or unit, since decoders normalise; - reads it from standard
input. CoCa reads image tokens, which a bare embedding has not, and says so. A .json file that \`embed\` wrote tells its space and
modality. Of several rows many are decoded side by side, as photos of a collection are: a run that was stopped goes on (--out FILE
--resume), and a million rows of a .npy take little memory. A row that is no vector (NaN, zeros) is told, and the others go on. Rows are
called by FILE.keys.json, which \`embed\` writes beside FILE.npy, else by their number from 0.

  --embedding FILE   the same as FILE
  --keys LIST        what the rows are called: a .json list, or a key a line
  --space NAME       the space that the embeddings are of   (the family's); vectors of another come over by \`map apply\`
  --modality M       image or text: CapDec's offset moves image embeddings only   (what the file tells, else image)
  --mean-by COLUMN   names clusters: rows that have the same COLUMN of --labels are averaged, and their centroids are decoded
  --labels TABLE     .csv, .tsv or .jsonl with the rows' keys in a column (key, image, file_name …) and COLUMN beside it
  --direction A,B    what points from B to A: two keys of FILE, or without FILE two texts, as "a dog,a cat"
  --out OUT          .jsonl, .csv, .parquet or .json (COCO results), as \`caption\` writes them
  --format F         jsonl, csv, parquet or coco   (by the ending of OUT)
${runHelp
  .replace(/^ {2}--exact.*\n/m, '')
  .replaceAll('a FILE that', 'an OUT that')
  .replaceAll('writes FILE', 'writes OUT')
  .replace('photos of one share', 'rows of one share')}
${decodeHelp}

With --json one object a row and line, of one embedding
${fieldHelp(embeddingRecordFields)}
of several
${fieldHelp(captionRecordFields)}
with --out one object of the run instead:
${fieldHelp(runFields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags, { positionals: 1 });
    const file = fileOf(values, positionals);
    const settings = engineSettings(values, io);
    const family = text(values.family) ?? 'pocket';
    const { manifest } = await readFamily(family, settings);
    const lanes = lanesOf(values, manifest);
    const wanted = text(values.space) ?? manifest.space.name;
    if (wanted !== manifest.space.name)
      throw new StudioError(
        'embedding-mismatch',
        `--space is ${wanted}, and the decoders of ${family} read ${manifest.space.name}. Spaces do not mix: choose the family of that space with --family, or bring the vectors over by \`map apply\`.`,
      );
    const embedTexts = async (texts: readonly string[]) => {
      const engine = await io.openEngine(settings);
      try {
        return (await engine.embedTexts(family, texts)).map((embedding) => embedding.values);
      } finally {
        await engine.close();
      }
    };
    const { sources, modality } = await vectorsOf(values, file, manifest, io, embedTexts);
    const embeddingOf = (bytes: Uint8Array): Embedding => ({
      space: manifest.space.name,
      modality,
      state: 'raw',
      values: new Float32Array(new Uint8Array(bytes).buffer),
    });
    const alone = sources.sources.length === 1 && !Object.keys(runFlags).some((flag) => values[flag] !== undefined);
    try {
      if (alone)
        return await decodeOne(sources.sources[0]!, file, embeddingOf, { values, family, lanes, settings }, io);
      const open = captionTarget(
        values,
        lanes.map(({ id }) => id),
        io,
      );
      return await runCollection(
        {
          command: 'decode',
          args,
          values,
          inputs: [file === undefined ? `direction ${text(values.direction)}` : nameOf(file)],
          lanes,
          embeddings: false,
          open,
          given: {
            what: 'vector',
            open: async () => ({ ...sources, close: async () => undefined }),
            prepare: async (bytes) => ({ embedding: embeddingOf(bytes) }),
          },
        },
        io,
      );
    } finally {
      await sources.close();
    }
  },
};

/** The file that is decoded; none for a direction between texts. @throws option-invalid */
function fileOf(values: Values, positionals: readonly string[]): string | undefined {
  const refuse = (why: string) => new StudioError('option-invalid', why);
  const [file, another] = [text(values.embedding), ...positionals].filter((name) => name !== undefined);
  const [direction, column, labels] = ['direction', 'mean-by', 'labels'].map((flag) => text(values[flag]));
  if (another !== undefined || (file === undefined && direction === undefined))
    throw refuse('Name one file: npm run -s studio -- decode photo.npy --space pocket');
  if (direction !== undefined && column !== undefined) throw refuse('Give --direction, or --mean-by: one of them.');
  if ((column === undefined) !== (labels === undefined))
    throw refuse(
      '--mean-by COLUMN and --labels TABLE go together: the table has the column, and the keys of the rows.',
    );
  if (file === undefined && column !== undefined) throw refuse('Name the file whose rows are averaged.');
  if (file === undefined && values.keys !== undefined)
    throw refuse('--keys names the rows of a file: name the file too.');
  if (text(values.format) === 'webdataset' || /\.tar$/i.test(text(values.out) ?? ''))
    throw refuse('A webdataset holds photos, and vectors have none. Write .jsonl, .csv, .parquet or .json.');
  return file;
}

type How = {
  values: Values;
  family: string;
  lanes: readonly LaneRequest[];
  settings: ReturnType<typeof engineSettings>;
};

/** One vector, answered as `caption` answers one photo. @returns the exit status */
async function decodeOne(
  source: Source,
  file: string | undefined,
  embeddingOf: (bytes: Uint8Array) => Embedding,
  { values, family, lanes, settings }: How,
  io: Io,
): Promise<number> {
  const embedding = embeddingOf(await source.read());
  const engine = await io.openEngine(settings);
  try {
    const said = await gather(
      engine.compare({ family, input: { kind: 'embedding', embedding }, lanes }, { signal: io.signal }),
    );
    const made = values.direction !== undefined || values['mean-by'] !== undefined;
    const name = made || file === undefined ? source.key : file;
    if (values.json) await sayJson(io, embeddingRecord(name, 0, said, { reason: true }));
    else
      await say(
        io,
        [
          `${made ? source.path : nameOf(name)}   (${said.family} on ${said.device.name}, ${said.precision})`,
          ...captionLines(said.lanes),
        ].join('\n'),
      );
    return anyFailed(said.lanes) ? 1 : 0;
  } finally {
    await engine.close();
  }
}
