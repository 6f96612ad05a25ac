import { isObject } from '../../../kept/captions/collect';
import { readCaptions } from '../../../kept/captions/read';
import { textOf } from '../../../kept/captions/text';
import { StudioError } from '../../../models/errors';
import type { Entry } from './entries';
import { idOf, ofRecords } from './table';

/**
 * Photos of a JSON document: COCO's `images` (with or without annotations, whose captions come with them), splits of
 * Karpathy, a list of paths or of objects, `{image: captions}`. @throws references-invalid, option-invalid
 */
export function readCoco(
  file: string,
  bytes: Uint8Array,
  column: string | undefined,
): { entries: Entry[]; tell: string[] } {
  const { text, notes: tell } = textOf(file, bytes);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new StudioError(
      'file-unreadable',
      `${file} is not JSON. Expected COCO's {"images": [{"id": 1, "file_name": "1.jpg"}]}, or a list; is it cut short?`,
    );
  }
  if (Array.isArray(json)) {
    const where = (i: number) => `${file}, entry ${i + 1}`;
    if (json.every((entry) => typeof entry === 'string'))
      return { entries: json.map((value, i) => ({ value, where: where(i) })), tell };
    const rows = json.map((record: unknown, i) => ({ where: where(i), record: isObject(record) ? record : undefined }));
    return { entries: ofRecords(file, rows, column), tell };
  }
  if (isObject(json) && Array.isArray(json.images) && json.images.every(isImage)) {
    const captions = new Map<unknown, string[]>();
    for (const annotation of Array.isArray(json.annotations) ? (json.annotations as unknown[]) : [])
      if (isObject(annotation) && typeof annotation.caption === 'string' && annotation.caption.trim())
        captions.set(annotation.image_id, [...(captions.get(annotation.image_id) ?? []), annotation.caption]);
    return {
      entries: json.images.map(({ id, file_name: value }, i) => ({
        value,
        where: `${file}, image ${i + 1}`,
        references: captions.get(id),
        imageId: idOf(id),
      })),
      tell,
    };
  }
  const read = readCaptions(file, bytes);
  const images = read.images.length ? read.images : [...read.lanes.values()].flat();
  const seen = new Set<string>();
  const entries = images.flatMap(({ names, ids, captions, where }): Entry[] => {
    const value = names[0] ?? ids[0]!;
    if (seen.has(value)) return [];
    seen.add(value);
    return [
      { value, where: `${file}, ${where}`, references: read.images.length ? captions : undefined, imageId: ids[0] },
    ];
  });
  return { entries, tell: read.notes };
}

const isImage = (image: unknown): image is { id: unknown; file_name: string } =>
  isObject(image) && typeof image.file_name === 'string';
