import { calledOf } from '../../kept/captions/join';
import { type ReadOptions, readCaptions, referencesIn } from '../../kept/captions/read';
import type { CaptionedImage, CaptionFile } from '../../kept/captions/types';
import type { DocumentFrequencies } from '../../models/metrics/cider';
import { frequenciesIn, type WordSplit } from '../../models/metrics/score';
import { captionLines, isParquet } from '../collections/sources/parquet-captions';
import { type Io, tell } from './io';
import { readBytes } from '../files/read-bytes';

/** By what an image is called: its file name, with its folders where the file has them, else its id. */
export type References = Map<string, string[]>;

/** What commands with references say of them in their help. */
export const referencesHelp = `References are read in every layout that the field writes, told by what is in the file: COCO annotations (captions_val2014.json) or
results, the splits of Karpathy (dataset_flickr8k.json, --split test), token.txt, a table (also parquet) with the columns image and caption,
JSON lines {"image": "name.jpg", "captions": ["...", ...]}, and JSON {"image": ["...", ...]}. Images are joined by file name, path or id.`;

/** What a file of captions holds, whatever wrote it. @throws as readCaptions */
export async function readCaptionFile(io: Io, path: string, options: ReadOptions = {}): Promise<CaptionFile> {
  const bytes = await readBytes(io, path);
  return readCaptions(path, isParquet(bytes) ? await captionLines(path, bytes) : bytes, options);
}

/** References of a file in any layout; what a person should know is told. @throws as readCaptions, referencesIn */
export async function readReferenceImages(io: Io, path: string, split?: string): Promise<CaptionedImage[]> {
  const read = await readCaptionFile(io, path, { split });
  const { images, notes } = referencesIn(path, read);
  for (const note of [...read.notes, ...notes]) tell(io, note);
  return images;
}

/** The same by name. */
export async function readReferences(io: Io, path: string, split?: string): Promise<References> {
  const out: References = new Map();
  for (const image of await readReferenceImages(io, path, split))
    out.set(calledOf(image), [...(out.get(calledOf(image)) ?? []), ...image.captions]);
  return out;
}

/** Document frequencies of another set of references (`--frequencies FILE`), where one is named. */
export async function readFrequencies(
  io: Io,
  path: string | undefined,
  split: WordSplit = 'ptb',
): Promise<DocumentFrequencies | undefined> {
  return path === undefined ? undefined : frequenciesIn((await readReferences(io, path)).values(), split);
}

/** Says why CIDEr is 0 where it must be. @param images how many are scored */
export function tellOfFrequencies(io: Io, images: number, frequencies: DocumentFrequencies | undefined): void {
  if (images === 1 && !frequencies)
    tell(
      io,
      'CIDEr and CIDEr-D of one image are 0: its document frequencies, counted in its own references, are all zero. --frequencies FILE counts them in the references of another set.',
    );
}
