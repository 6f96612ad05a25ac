import { PassThrough, type Readable } from 'node:stream';
import type { RunSettings } from '../../models/collections/shards';
import { StudioError } from '../../models/errors';
import { answered } from './run/answered';
import type { PhotoRow } from './run/shard-files';
import { openSink } from './sinks/open';
import type { SinkFormat } from './sinks/types';
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
): Promise<Readable> {
  const stdout = new PassThrough();
  const lanes = settings.lanes.map(({ id }) => id);
  const sink = await openSink({ cwd: '/', stdout }, '-', { format, mode: 'overwrite', lanes, sources });
  const byKey = new Map(sources.map((source) => [source.key, source]));
  void (async () => {
    try {
      for await (const photo of photos()) {
        if (stdout.destroyed) return;
        await sink.write(answered(byKey.get(photo.key) ?? nameless(photo.key), photo, settings));
      }
      await sink.finish();
      stdout.end();
    } catch (error) {
      stdout.destroy(error as Error);
    }
  })();
  return stdout;
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
