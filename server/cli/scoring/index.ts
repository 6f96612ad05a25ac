import { StudioError } from '../../../models/errors';
import type { DocumentFrequencies } from '../../../models/metrics/cider';
import { wordsOf, type WordSplit } from '../../../models/metrics/score';
import { parseManifest } from '../../../models/manifest';
import { readBytes } from '../../files/read-bytes';
import { familyDirs, familyFolder, familyFolders } from '../../weights/folders';
import { count, engineSettings, familySettings, text, type Values } from '../args';
import { type Io, nameOf, tell } from '../io';
import { readCaptionFile } from '../references';
import { objectsOf } from './objects';
import { openImageScores, sayTables, type TableKind, tableKinds } from './outputs';
import { refereed, usualPrompt } from './referee';
import { type Report, reportOn } from './report';
import type { System } from './types';

/** Flags of commands that score. */
export const scoringFlags = {
  clip: { type: 'string' },
  'clip-prompt': { type: 'string' },
  chair: { type: 'string' },
  novelty: { type: 'string' },
  bootstrap: { type: 'string' },
  'per-image': { type: 'string' },
  table: { type: 'string' },
} as const;

export const scoringHelp = `  --clip FAMILY          CLIPScore and RefCLIPScore in the space of this installed family; auto: of one in whose space no decoder that
                         is scored works. Says where a search optimised that very cosine
  --clip-prompt TEXT     what is put before a caption there   ("${usualPrompt}")
  --chair FILE           CHAIR, objects that are not there: FILE is COCO's instances, or lines {"image", "objects"}; references
                         are looked at too, and the word references means those alone
  --novelty FILE         share of captions that are not among these (a caption a line, or any layout of captions)
  --bootstrap N          95 % intervals between any two systems, of N paired draws of the images (1000 is usual)
  --per-image FILE       scores of each image, .jsonl or .csv
  --table KIND           markdown or latex: scores, times 100, and differences as tables`;

/** A scoring as the flags ask for it; files are opened before any work. */
export type Scoring = {
  /** Scores, and writes what goes to a file. */
  run(systems: readonly System[], how: { frequencies?: DocumentFrequencies; images?: string }): Promise<Report>;
  /** Whether the report goes out as tables; says them. */
  tables: ((report: Report) => Promise<void>) | undefined;
};

/** @throws option-invalid, file-unreadable, references-invalid */
export async function openScoring(values: Values, io: Io, split: WordSplit): Promise<Scoring> {
  const table = text(values.table);
  if (table !== undefined && !tableKinds.includes(table as TableKind))
    throw new StudioError('option-invalid', `--table is "${table}"; expected ${tableKinds.join(' or ')}.`);
  if (table !== undefined && values.json)
    throw new StudioError('option-invalid', 'Give --json, or --table: one of them.');
  const draws = count('bootstrap', text(values.bootstrap)) ?? 0;
  if (values['clip-prompt'] !== undefined && values.clip === undefined)
    throw new StudioError('option-invalid', '--clip-prompt goes with --clip FAMILY.');
  const known = await knownCaptions(text(values.novelty), split, io);
  const perImage = text(values['per-image']);
  const keep = perImage === undefined ? undefined : await openImageScores(io, perImage);
  return {
    async run(systems, { frequencies, images }) {
      const chair = text(values.chair);
      const objects = chair === undefined ? undefined : await objectsOf(systems, chair, split, io);
      const clip = await clipOf(systems, values, images, io);
      if (draws && systems.length < 2) tell(io, '--bootstrap compares systems, and there is one.');
      const report = reportOn(systems, { split, frequencies, objects, clip, known, draws });
      await keep?.(report);
      return report;
    },
    tables: table === undefined ? undefined : (report) => sayTables(io, table as TableKind, report),
  };
}

async function knownCaptions(file: string | undefined, split: WordSplit, io: Io) {
  if (file === undefined) return undefined;
  const captions = /\.txt$/i.test(file)
    ? new TextDecoder()
        .decode(await readBytes(io, file))
        .split(/\r?\n/)
        .filter((line) => line.trim())
    : await (async () => {
        const { images, lanes } = await readCaptionFile(io, file);
        return [images, ...lanes.values()].flat().flatMap((image) => image.captions);
      })();
  if (!captions.length) throw new StudioError('option-invalid', `--novelty ${nameOf(file)} holds no caption.`);
  return new Set(wordsOf(captions, split).map((words) => words.join(' ')));
}

/** CLIPScore by the family that is named, or that is found; says where there is none. */
async function clipOf(systems: readonly System[], values: Values, images: string | undefined, io: Io) {
  const wanted = text(values.clip);
  if (wanted === undefined) return undefined;
  if (images === undefined)
    throw new StudioError('option-invalid', '--clip looks at the images: name their folder or archive by --images.');
  const { familiesDir, installedDir } = familySettings(values, io);
  const dirs = familyDirs({ embedded: familiesDir, installed: installedDir });
  const spaceOf = async (name: string) =>
    familyFolder(name, dirs).then(
      (found) => parseManifest(found.manifest, found.folder).space.name,
      () => undefined,
    );
  const family = wanted === 'auto' ? await otherSpace(systems, dirs, spaceOf) : wanted;
  if (family === undefined) {
    tell(
      io,
      'No CLIPScore: no family with a space of its own beside that of the decoders is installed to referee. `npm run -s studio -- models pull clip-vit-b32` installs the one of the paper; --clip NAME takes a family all the same.',
    );
    return undefined;
  }
  const found = await familyFolder(family, dirs);
  const manifest = parseManifest(found.manifest, found.folder);
  const engine = await io.openEngine(engineSettings(values, io));
  try {
    const prompt = text(values['clip-prompt']) ?? usualPrompt;
    return {
      space: manifest.space.name,
      of: await refereed(systems, { family, manifest, engine, prompt, images }, spaceOf, io),
    };
  } finally {
    await engine.close();
  }
}

/** A family in whose space none of the systems was decoded, as far as that is known. */
async function otherSpace(
  systems: readonly System[],
  dirs: ReturnType<typeof familyDirs>,
  spaceOf: (family: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  const taken = new Set<string | undefined>();
  for (const { decodedBy } of systems) if (decodedBy !== undefined) taken.add(await spaceOf(decodedBy));
  for (const { name } of await familyFolders(dirs)) {
    const space = await spaceOf(name);
    if (space !== undefined && !taken.has(space)) return name;
  }
  return undefined;
}
