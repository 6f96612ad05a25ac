import { PassThrough, type Readable } from 'node:stream';
import type { RunSettings } from '../../models/collections/shards';
import { StudioError } from '../../models/errors';
import { answered } from './run/answered';
import type { RunMarks } from './run/marks';
import type { PhotoRow } from './run/shard-files';
import { openSink } from './sinks/open';
import type { Answered, SinkFormat } from './sinks/types';
import type { Source } from './sources/types';

/** A photo of which nothing but its name is known any more. */
export const nameless = (key: string): Source => ({
  key,
  path: key,
  stamp: '',
  read: () => Promise.reject(new StudioError('file-unreadable', 'Where this photo lies is not known any more.')),
});

/**
 * What was said, as one of the files that the command line writes; made as it is read. Nothing is written where the
 * format cannot hold it. @throws option-invalid
 */
export async function exportRun(
  settings: RunSettings,
  format: SinkFormat,
  sources: readonly Source[],
  photos: () => AsyncIterable<PhotoRow>,
  /** What a person says of them, and who that is. */
  person?: { marks: RunMarks | undefined; by: string },
): Promise<Readable> {
  const stdout = new PassThrough();
  const lanes = settings.lanes.map(({ id }) => id);
  const sink = await openSink({ cwd: '/', stdout }, '-', { format, mode: 'overwrite', lanes, sources });
  const byKey = new Map(sources.map((source) => [source.key, source]));
  void (async () => {
    try {
      for await (const photo of photos()) {
        if (stdout.destroyed) return;
        await sink.write(said(answered(byKey.get(photo.key) ?? nameless(photo.key), photo, settings), person));
      }
      await sink.finish();
      stdout.end();
    } catch (error) {
      stdout.destroy(error as Error);
    }
  })();
  return stdout;
}

/** With what a person says of the photo. */
function said(photo: Answered, person: { marks: RunMarks | undefined; by: string } | undefined): Answered {
  const mine = person?.marks?.of.get(photo.key);
  if (!person || !mine) return photo;
  const rows = photo.rows.map((row) => {
    const rated = mine.stars.get(row.lane);
    return rated && rated.caption === row.caption ? { ...row, stars: rated.stars } : row;
  });
  const own = mine.own && { caption: mine.own.caption, at: mine.own.at.toISOString(), by: person.by };
  return { ...photo, rows, ...(own ? { own } : {}) };
}

const endings: Record<SinkFormat, string> = {
  jsonl: '.jsonl',
  csv: '.csv',
  coco: '.coco.json',
  parquet: '.parquet',
  webdataset: '.tar',
};

/** What a browser calls the file: after the folder or archive that was named. */
export function fileName(title: string, format: SinkFormat): string {
  const last = title.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const plain = last
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 80);
  return `${plain || 'collection'}${endings[format]}`;
}
