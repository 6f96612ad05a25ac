import Papa from 'papaparse';
import { unguarded } from '../csv';
import { Collector } from './collect';
import type { CaptionFile } from './types';

const columns = {
  name: ['image', 'image_name', 'filename', 'file_name', 'file', 'img', 'path', 'image_path', 'title'],
  id: ['image_id', 'cocoid', 'id', 'img_id', 'imgid', 'comparison'],
  caption: ['caption', 'captions', 'comment', 'sentence', 'raw', 'reference', 'references', 'text'],
  split: ['split'],
  lane: ['lane'],
  status: ['status'],
  error: ['error'],
  said: ['said_by'],
};
const picture = /\.(jpe?g|png|webp|gif|avif|tiff?)(#\d+)?$/i;

/** Where a table of captions has what, by the names of its first row or, without names, by a picture's in it. */
function columnsOf(first: readonly string[]) {
  const names = first.map((cell) => cell.trim().toLowerCase());
  const at = (known: readonly string[]) => {
    const name = known.find((one) => names.includes(one));
    return name === undefined ? -1 : names.indexOf(name);
  };
  // A table of a collection names its photos twice: as they are called, and where they lie.
  const collection = names.includes('lane') && names.includes('familyhash');
  const [name, id, caption] = [at(collection ? ['key'] : columns.name), at(columns.id), at(columns.caption)];
  if (caption >= 0 && (name >= 0 || id >= 0))
    return {
      named: true,
      collection,
      name,
      id,
      caption,
      split: at(columns.split),
      lane: at(columns.lane),
      status: at(columns.status),
      error: at(columns.error),
      said: at(columns.said),
    };
  if (names.length >= 2 && picture.test(names[0]!))
    return {
      named: false,
      collection: false,
      name: 0,
      id: -1,
      caption: names.length - 1,
      split: -1,
      lane: -1,
      status: -1,
      error: -1,
      said: -1,
    };
  return undefined;
}

/** What parts the columns of a table of captions; undefined for what is none. */
function delimiterOf(text: string): string | undefined {
  const first = text
    .slice(0, 10_000)
    .split('\n')
    .find((line) => line.trim());
  return [',', '\t', ';', '|'].find((one) => columnsOf(first?.split(one) ?? []));
}
export const isTable = (text: string) => delimiterOf(text) !== undefined;

/**
 * A table of captions (CSV as RFC 4180, or parted by tabs, semicolons or bars): Kaggle's `image,caption`, the
 * history's own, and their relatives. @returns undefined for what is none @throws references-invalid with the line
 */
export function readTable(file: string, text: string, notes: readonly string[]): CaptionFile | undefined {
  const delimiter = delimiterOf(text);
  if (delimiter === undefined) return undefined;
  // A bar may have spaces around it, and quotation marks inside a row's text are text then.
  const quoted = delimiter !== '\t' && delimiter !== '|';
  let found: ReturnType<typeof columnsOf>;
  let into: Collector | undefined;
  let width = 0;
  let ours = false;
  let line = 1;
  let start = 0;
  Papa.parse<string[]>(text, {
    delimiter,
    ...(quoted ? {} : { quoteChar: '\u0000' }),
    step({ data: cells, errors, meta }, parser) {
      const where = `line ${line}`;
      for (; start < meta.cursor; start++) if (text.charCodeAt(start) === 10) line++;
      if (cells.every((cell) => !cell.trim())) return;
      if (!into) {
        found = columnsOf(cells);
        if (!found) return parser.abort();
        width = cells.length;
        const history = found.lane >= 0 && found.id >= 0 && cells.includes('comparison');
        ours = history || found.collection;
        into = new Collector(
          file,
          found.collection ? "a collection's table" : history ? "the history's table" : 'a table of captions',
        );
        if (found.named) return;
      }
      const broken = errors.find(({ type }) => type === 'Quotes');
      if (broken) throw into.invalid(where, 'a quotation mark is not closed. Double each that is part of a text ("").');
      const { name, id, caption, split, lane } = found!;
      if (cells.length <= caption || (cells.length > width && caption !== width - 1))
        throw into.invalid(where, `expected ${width} columns, and there are ${cells.length}.`);
      // Commas that were left unquoted are the caption's, where it stands last.
      const said = caption === width - 1 ? cells.slice(caption).join(delimiter) : cells[caption]!;
      const own = (cell: string) => (ours ? unguarded(cell) : cell.trim());
      // What a person said of the photo is no decoder's.
      if (ours && cells[found!.said]) return;
      // A lane that did not finish has no caption; one that did may have an empty one.
      if (ours && !said && (found!.status < 0 ? cells[found!.error] : cells[found!.status] !== 'finished')) return;
      into.add(where, {
        names: [ours ? own(cells[name] ?? '') : own(cells[name] ?? '').replace(/#\d+$/, '')],
        ids: [cells[id]],
        captions: ours ? own(said) : listed(own(said)),
        split: cells[split]?.trim(),
        lane: lane < 0 ? undefined : cells[lane],
      });
    },
  });
  return into?.end(notes);
}

/** A cell may hold a JSON list of captions. */
export function listed(cell: string): unknown {
  if (!cell.startsWith('["')) return cell;
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}
