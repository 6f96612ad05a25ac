import { captionOf, Collector, isObject } from './collect';
import { addComparison, addLanes, isComparison, isLaneList } from './studio-files';
import type { CaptionFile } from './types';

const nameKeys = ['image', 'file_name', 'filename', 'image_name', 'image_path', 'img', 'path', 'file', 'embedding'];
const idKeys = ['image_id', 'cocoid', 'imgid'];

/** Whether an object is of one image and names it: `{"image", "caption"}`, `{"image_id", "caption"}`, and the like. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  isObject(value) &&
  [...nameKeys, ...idKeys, 'id'].some((key) => typeof value[key] === 'string' || typeof value[key] === 'number') &&
  (captionOf(value) !== undefined || 'error' in value);

/** One object of one image; of photos that could not be read there is nothing to add. */
export function addRecord(into: Collector, where: string, record: Record<string, unknown>): void {
  if (isComparison(record)) return addComparison(into, where, record);
  const names = nameKeys.map((key) => record[key]);
  const captions = captionOf(record);
  if (isLaneList(captions)) return addLanes(into, where, names, captions);
  if (captions === undefined && 'error' in record) return;
  // `id` is the image's own only where nothing else is: of COCO's annotations it is the annotation's.
  const ids = idKeys.map((key) => record[key]).filter((id) => id !== undefined);
  into.add(where, {
    names: typeof record.image === 'number' ? [] : names,
    ids: ids.length ? ids : [record.id, typeof record.image === 'number' ? record.image : undefined],
    captions,
    split: record.split,
  });
}

/** What a whole JSON document holds, told by its form. @throws references-invalid */
export function readDocument(file: string, json: unknown, notes: readonly string[]): CaptionFile {
  const into = (layout: string) => new Collector(file, layout);
  if (Array.isArray(json)) {
    const results = json.every((entry) => isObject(entry) && 'image_id' in entry && typeof entry.caption === 'string');
    const list = into(results ? 'COCO results' : 'a list of images with captions');
    json.forEach((entry, i) => {
      if (!isRecord(entry))
        throw list.invalid(
          `entry ${i + 1}`,
          'expected an object of one image, for example {"image_id": 42, "caption": "..."}.',
        );
      addRecord(list, `entry ${i + 1}`, entry);
    });
    return list.end(notes);
  }
  if (!isObject(json)) throw into('').invalid('', unknownLayout);
  if (json.format === 'caption-studio' && Array.isArray(json.comparisons)) {
    const history = into('an export of the history');
    json.comparisons.forEach((kept: unknown, i) => {
      const comparison = isObject(kept) ? kept.comparison : undefined;
      if (!isComparison(comparison)) throw history.invalid(`comparison ${i + 1}`, 'it is damaged. Export it anew.');
      addComparison(history, `comparison ${i + 1}`, comparison, (kept as { hash?: unknown }).hash);
    });
    return history.end(notes);
  }
  if (Array.isArray(json.annotations)) return readCoco(into('COCO annotations'), json.annotations, json.images, notes);
  if (Array.isArray(json.images)) return readKarpathy(into('Karpathy splits'), json.images, notes);
  if (isRecord(json)) {
    const one = into('one image with captions');
    addRecord(one, '', json);
    return one.end(notes);
  }
  return readDictionary(into, json, notes);
}

/** `images` say the names of the ids that `annotations` speak of. */
function readCoco(into: Collector, annotations: unknown[], images: unknown, notes: readonly string[]): CaptionFile {
  const names = new Map<unknown, unknown>();
  for (const image of Array.isArray(images) ? (images as unknown[]) : [])
    if (isObject(image)) names.set(image.id, image.file_name);
  annotations.forEach((annotation, i) => {
    const where = `annotation ${i + 1}`;
    if (!isObject(annotation) || !('caption' in annotation))
      throw into.invalid(
        where,
        'it has no caption. Expected the captions of COCO (captions_val2014.json), not its instances.',
      );
    into.add(where, {
      names: [names.get(annotation.image_id)],
      ids: [annotation.image_id],
      captions: annotation.caption,
    });
  });
  return into.end(notes);
}

function readKarpathy(into: Collector, images: unknown[], notes: readonly string[]): CaptionFile {
  images.forEach((image, i) => {
    if (!isObject(image) || !Array.isArray(image.sentences))
      throw into.invalid(
        `image ${i + 1}`,
        'it has no "sentences". Expected annotations of COCO, or the splits of Karpathy.',
      );
    const { filepath, filename, cocoid, imgid, split, sentences } = image;
    const path = typeof filepath === 'string' && typeof filename === 'string' ? `${filepath}/${filename}` : filename;
    // Where there is COCO's own id, the number in this file is of no other.
    into.add(`image ${i + 1}`, { names: [path], ids: [cocoid ?? imgid], captions: sentences, split });
  });
  return into.end(notes);
}

/** `{image: caption or captions}`, or the same for each decoder, as `evaluate --captions` writes it. */
function readDictionary(
  into: (layout: string) => Collector,
  json: Record<string, unknown>,
  notes: readonly string[],
): CaptionFile {
  const entries = Object.entries(json);
  const lanes = entries.every(([, value]) => isObject(value) && captionOf(value) === undefined);
  const all = into(lanes && entries.length ? 'captions by decoder' : 'captions by image');
  for (const [key, value] of entries) {
    if (!lanes) all.add(`"${key}"`, { names: [key], ids: [key], captions: value });
    else
      for (const [image, caption] of Object.entries(value as object))
        all.add(`"${key}", "${image}"`, { names: [image], ids: [image], captions: caption, lane: key });
  }
  return all.end(notes);
}

/** What is expected, where a file is none of it. */
export const unknownLayout =
  'it is no file of captions that is known. Expected COCO annotations or results, Karpathy splits, token.txt, a table with the columns image and caption, JSON lines of {"image", "captions"}, or JSON of {"image": ["caption"]}.';
