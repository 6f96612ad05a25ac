import { StudioError } from '../../../models/errors';
import { pathOf, type Streams } from '../../files/streams';
import { openCocoResults, openParquet, openWebdataset } from './document-sinks';
import { openCsv, openJsonLines } from './lines-sinks';
import type { OpenSink, SinkFormat, SinkWishes } from './types';

const endings: [RegExp, SinkFormat][] = [
  [/\.(jsonl|ndjson)$/i, 'jsonl'],
  [/\.csv$/i, 'csv'],
  [/\.json$/i, 'coco'],
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.tar$/i, 'webdataset'],
];
const openers: Record<
  SinkFormat,
  (io: Pick<Streams, 'cwd' | 'stdout'>, name: string, wishes: SinkWishes) => Promise<OpenSink>
> = {
  jsonl: openJsonLines,
  csv: openCsv,
  coco: openCocoResults,
  parquet: openParquet,
  webdataset: openWebdataset,
};

/**
 * Opens a file of captions before the work begins; `-` is standard output. JSON lines and CSV grow photo by photo and
 * are whole at any moment, also after a kill; the others are there once they are whole.
 * @param name as the person gave it
 * @throws option-invalid where its kind is not known, it cannot be written there, it is there already (`new`), is no
 * file of this kind (`resume`), or is what the photos come from
 */
export async function openSink(
  io: Pick<Streams, 'cwd' | 'stdout'>,
  name: string,
  wishes: SinkWishes,
): Promise<OpenSink> {
  const format = wishes.format ?? endings.find(([ending]) => ending.test(name))?.[1];
  if (!format)
    throw new StudioError(
      'option-invalid',
      `${name}: its ending does not tell what to write. Expected .jsonl, .csv, .json (COCO results), .parquet or .tar (webdataset), or --format.`,
    );
  const full = pathOf(io, name);
  if (name !== '-' && wishes.sources.some(({ file, from }) => file === full || from === full))
    throw new StudioError(
      'option-invalid',
      `${name} is where the photos come from, and would be written over. Name another file.`,
    );
  return openers[format](io, name, wishes);
}
