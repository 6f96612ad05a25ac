import { Collector, isObject } from './collect';
import { addRecord, isRecord } from './documents';
import type { CaptionFile } from './types';

/** One JSON object a line: {"image", "captions"} and its relatives. @throws references-invalid that names the line */
export function readJsonLines(file: string, text: string, notes: readonly string[]): CaptionFile {
  const into = new Collector(file, 'JSON lines');
  text.split('\n').forEach((line, i) => {
    if (!line.trim()) return;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw into.invalid(
        `line ${i + 1}`,
        'this is not JSON. Expected one object a line: {"image": "name.jpg", "captions": ["..."]}.',
      );
    }
    if (!isRecord(json))
      throw into.invalid(
        `line ${i + 1}`,
        isObject(json) && !('captions' in json)
          ? 'it lacks an image or its captions. Expected {"image": "name.jpg", "captions": ["..."]}.'
          : 'expected {"image": "name.jpg", "captions": ["..."]}.',
      );
    addRecord(into, `line ${i + 1}`, json);
  });
  return into.end(notes);
}

/** A line of Flickr8k.token.txt and its relatives: `name.jpg#0<TAB>caption`. */
export const tokenLine = /^([^\t]*\S)#(\d+)\t(.*)$/;

/** @throws references-invalid that names the line */
export function readTokenFile(file: string, text: string, notes: readonly string[]): CaptionFile {
  const into = new Collector(file, 'token.txt');
  text.split(/\r?\n/).forEach((line, i) => {
    if (!line.trim()) return;
    const match = tokenLine.exec(line);
    if (!match) throw into.invalid(`line ${i + 1}`, 'expected name.jpg#0, a tab, and the caption.');
    into.add(`line ${i + 1}`, { names: [match[1]], captions: match[3] });
  });
  return into.end(notes);
}
