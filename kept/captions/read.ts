import { StudioError } from '../../models/errors';
import { Collector } from './collect';
import { readDocument, unknownLayout } from './documents';
import { examples } from './examples';
import { readJsonLines, readTokenFile, tokenLine } from './lines';
import { addTextExport } from './studio-files';
import { readTable } from './table';
import { lineAt, textOf } from './text';
import type { CaptionedImage, CaptionFile } from './types';

export type ReadOptions = { /** Images of this split alone (`train`, `val`, `test`, `restval`). */ split?: string };

/**
 * Captions of images, references or candidates, from a file in any layout that the field writes; its kind is told by
 * what it holds, never by its name. Empty captions are left out and told. @param file its name, for errors and notes
 * @throws references-invalid that names the place @throws option-invalid for a split that it has not
 */
export function readCaptions(file: string, bytes: Uint8Array, { split }: ReadOptions = {}): CaptionFile {
  const { text, notes } = textOf(file, bytes);
  return chooseSplit(file, readText(file, text, notes), split);
}

function readText(file: string, text: string, notes: readonly string[]): CaptionFile {
  const lines = text.split(/\r?\n/);
  const first = lines.find((line) => line.trim())?.trim();
  if (first === undefined)
    throw new StudioError('references-invalid', `${file} is empty: there is not one caption in it.`);
  if (first.startsWith('{') || first.startsWith('[')) {
    const whole = parsed(text);
    if ('json' in whole) return readDocument(file, whole.json, notes);
    if ('json' in parsed(first)) return readJsonLines(file, text, notes);
    throw new StudioError(
      'references-invalid',
      `${file}${whole.line ? `, line ${whole.line}` : ''}: this is not JSON. ${lines.length > 1 && first.endsWith('}') ? 'Expected one object a line: {"image": "name.jpg", "captions": ["..."]}.' : 'Is the file cut short?'}`,
    );
  }
  if (tokenLine.test(first)) return readTokenFile(file, text, notes);
  const export_ = new Collector(file, "the history's captions");
  if (first.startsWith('# ') && addTextExport(export_, lines)) return export_.end(notes);
  const table = readTable(file, text, notes);
  if (table) return table;
  throw new StudioError('references-invalid', `${file}: ${unknownLayout}`);
}

/** The document, or the line in which it ends to be one (V8 and Firefox tell where). */
function parsed(text: string): { json: unknown } | { line?: number } {
  try {
    return { json: JSON.parse(text) };
  } catch (error) {
    const message = String(error);
    const position = /position (\d+)/.exec(message)?.[1];
    const line = /line (\d+) column/.exec(message)?.[1];
    return { line: line ? Number(line) : position ? lineAt(text, Number(position)) : undefined };
  }
}

function chooseSplit(file: string, all: CaptionFile, split: string | undefined): CaptionFile {
  const counts = new Map<string, number>();
  for (const image of all.images) if (image.split) counts.set(image.split, (counts.get(image.split) ?? 0) + 1);
  const known = [...counts].map(([name, count]) => `${name} (${count})`);
  if (split === undefined)
    return counts.size > 1
      ? {
          ...all,
          notes: [
            ...all.notes,
            `${file} has the splits ${examples(known, 'splits', 8)}; all are read. --split NAME chooses one.`,
          ],
        }
      : all;
  if (!counts.has(split))
    throw new StudioError(
      'option-invalid',
      counts.size
        ? `${file} has no split "${split}". It has ${known.join(', ')}.`
        : `--split ${split}: ${file} (${all.layout}) names no splits. Leave it out, or give the splits of Karpathy.`,
    );
  return { ...all, images: all.images.filter((image) => image.split === split) };
}

/**
 * Reference captions of a file: its images that have any, and in words who has none.
 * @throws references-invalid for a file of several lanes, whose captions are no references, and where there are none
 */
export function referencesIn(file: string, read: CaptionFile): { images: CaptionedImage[]; notes: string[] } {
  if (!read.images.length && read.lanes.size > 1)
    throw new StudioError(
      'references-invalid',
      `${file} holds captions of several decoders (${[...read.lanes.keys()].join(', ')}), not references. Give what people wrote, or the captions of one decoder alone.`,
    );
  const images = read.images.length ? read.images : ([...read.lanes.values()][0] ?? []);
  const captioned = images.filter(({ captions }) => captions.length);
  if (!captioned.length) throw new StudioError('references-invalid', `${file} has no references.`);
  const silent = images.filter(({ captions }) => !captions.length);
  return {
    images: captioned,
    notes: silent.length
      ? [
          `${file}: ${silent.length} of ${images.length} images have no caption and are left out (${examples(
            silent.map(({ where }) => where),
            'places',
          )}).`,
        ]
      : [],
  };
}

/**
 * Candidates of a file by lane, an image each; one lane called '' where the file knows none. What says nothing is an
 * empty candidate. @param lane the lane or decoder that is wanted
 * @throws option-invalid for a lane that is not there
 */
export function candidatesIn(file: string, read: CaptionFile, lane?: string): Map<string, CaptionedImage[]> {
  if (lane !== undefined) {
    const images = read.lanes.get(lane);
    if (!images)
      throw new StudioError(
        'option-invalid',
        `${file} has no captions of "${lane}". ${read.lanes.size ? `It has ${[...read.lanes.keys()].join(', ')}.` : 'It names no decoders: leave --lane out.'}`,
      );
    return new Map([[lane, images]]);
  }
  if (read.lanes.size) return read.lanes;
  return new Map([['', read.images]]);
}
