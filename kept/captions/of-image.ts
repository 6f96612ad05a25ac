import { StudioError } from '../../models/errors';
import { examples } from './examples';
import { calledOf } from './join';
import { tokenLine } from './lines';
import { matchImages, namedBy } from './match';
import { readCaptions, referencesIn } from './read';
import { isTable } from './table';

/** Whether text is a file of captions in one of the field's layouts, and not captions one a line. */
export function isCaptionFile(text: string): boolean {
  const first = text.split('\n').find((line) => line.trim()) ?? '';
  if (/^\s*[[{]/.test(first)) return isJson(text) || isJson(first);
  return tokenLine.test(first) || isTable(text);
}

const isJson = (text: string) => {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
};

/**
 * The references of one image from a file of many: of the only image that is in it, else of the one that is called as
 * `name` says. @returns them and what a person should know @throws references-invalid
 */
export function referencesOfImage(
  file: string,
  bytes: Uint8Array,
  name: string,
): { captions: string[]; notes: string[] } {
  const read = readCaptions(file, bytes);
  const { images, notes } = referencesIn(file, read);
  const { found, unclear } = matchImages([namedBy(name)], images);
  const at = found[0] ?? (images.length === 1 ? 0 : undefined);
  if (at !== undefined) return { captions: images[at]!.captions, notes: [...read.notes, ...notes] };
  const several = unclear.get(0);
  throw new StudioError(
    'references-invalid',
    several
      ? `${file} has several images that ${name} may be: ${examples(
          several.map((i) => calledOf(images[i]!)),
          'images',
        )}. Paste the captions of the one that is meant.`
      : `${file} has references of ${images.length} images (${examples(images.map(calledOf), 'images')}), and none is called ${name}. ` +
          'Paste the captions themselves, one a line.',
  );
}
