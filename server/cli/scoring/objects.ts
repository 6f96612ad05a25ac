import { examples } from '../../../kept/captions/examples';
import { isObject } from '../../../kept/captions/collect';
import { matchImages, type Named } from '../../../kept/captions/match';
import { StudioError } from '../../../models/errors';
import { mentionsIn, objectNamed } from '../../../models/metrics/chair';
import { wordsOf, type WordSplit } from '../../../models/metrics/score';
import { readBytes } from '../../files/read-bytes';
import { type Io, nameOf, tell } from '../io';
import type { System } from './types';

type Annotated = Named & { objects: Set<string> };

/**
 * What the images of systems have, by their keys: what their references mention, and what annotations of a file name.
 * @param from `references` for those alone, else the file
 * @throws option-invalid for a file of another kind, and one that has none of the images
 */
export async function objectsOf(
  systems: readonly System[],
  from: string,
  split: WordSplit,
  io: Io,
): Promise<Map<string | number, Set<string>>> {
  const images = new Map(systems.flatMap(({ items }) => items.map((item) => [item.key, item] as const)));
  const all = [...images].flatMap(([key, { references }]) => references.map((text) => ({ key, text })));
  const out = new Map<string | number, Set<string>>([...images.keys()].map((key) => [key, new Set()]));
  wordsOf(
    all.map(({ text }) => text),
    split,
  ).forEach((words, i) => {
    for (const { object } of mentionsIn(words)) out.get(all[i]!.key)!.add(object);
  });
  if (from === 'references') {
    tell(io, 'CHAIR: objects are those that the references mention; what nobody mentioned counts as not there.');
    return out;
  }
  const annotated = annotations(nameOf(from), new TextDecoder().decode(await readBytes(io, from)), (line) =>
    tell(io, line),
  );
  const keyed = [...images];
  const { found } = matchImages(
    keyed.map(([, { image }]) => ({ names: [image], ids: [image] })),
    annotated,
  );
  const missing = keyed.filter((_, i) => found[i] === undefined);
  if (missing.length === keyed.length)
    throw new StudioError(
      'option-invalid',
      `None of the ${keyed.length} images is annotated in ${nameOf(from)}: ${examples(
        missing.map(([, { image }]) => image),
        'images',
      )}. Name images alike in both files.`,
    );
  if (missing.length)
    tell(
      io,
      `CHAIR: ${missing.length} of ${keyed.length} images have no annotations, and what their references mention.`,
    );
  keyed.forEach(([key], i) => {
    if (found[i] !== undefined) for (const object of annotated[found[i]]!.objects) out.get(key)!.add(object);
  });
  return out;
}

/** Objects of images from COCO's instances, or JSON lines {"image": "x.jpg", "objects": ["dog", {"name": "cat"}]}. */
function annotations(name: string, text: string, say: (line: string) => void): Annotated[] {
  const strange = new Set<string>();
  const objects = (names: readonly unknown[]): Set<string> => {
    const known = new Set<string>();
    for (const entry of names) {
      const word = isObject(entry) ? entry.name : entry;
      const object = typeof word === 'string' ? objectNamed(word) : undefined;
      if (object !== undefined) known.add(object);
      else strange.add(String(word));
    }
    return known;
  };
  const invalid = (where = '') =>
    new StudioError(
      'option-invalid',
      `${name}${where}: expected COCO's instances ({"images", "annotations", "categories"}), or a line an image: {"image": "x.jpg", "objects": ["dog", …]}.`,
    );
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    whole = undefined;
  }
  let out: Annotated[];
  if (isObject(whole) && Array.isArray(whole.annotations)) {
    type Coco = {
      images?: { id: number; file_name?: string }[];
      annotations: { image_id?: number; category_id?: number }[];
      categories?: { id: number; name: string }[];
    };
    const { images = [], annotations: list, categories = [] } = whole as Coco;
    const names = new Map(categories.map(({ id, name: category }) => [id, category]));
    const files = new Map(images.map(({ id, file_name }) => [id, file_name]));
    const byImage = new Map<number, unknown[]>();
    for (const { image_id, category_id } of list) {
      if (image_id === undefined || category_id === undefined) throw invalid();
      byImage.set(image_id, [...(byImage.get(image_id) ?? []), names.get(category_id) ?? category_id]);
    }
    for (const id of files.keys()) if (!byImage.has(id)) byImage.set(id, []);
    out = [...byImage].map(([id, list_]) => {
      const file = files.get(id);
      return { names: file === undefined ? [] : [file], ids: [String(id)], objects: objects(list_) };
    });
  } else
    out = text.split('\n').flatMap((line, i) => {
      if (!line.trim()) return [];
      let record: unknown;
      try {
        record = JSON.parse(line);
      } catch {
        throw invalid(`, line ${i + 1}`);
      }
      if (!isObject(record) || typeof record.image !== 'string' || !Array.isArray(record.objects))
        throw invalid(`, line ${i + 1}`);
      return [{ names: [record.image], ids: [record.image], objects: objects(record.objects) }];
    });
  if (strange.size)
    say(
      `CHAIR: ${name} names ${examples([...strange], 'others')}, which are none of COCO's 80 objects and are left out.`,
    );
  return out;
}
