import { Readable } from 'node:stream';
import type { SinkFormat } from './sinks/types';

const mimes: Record<SinkFormat, string> = {
  jsonl: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8',
  coco: 'application/json',
  parquet: 'application/vnd.apache.parquet',
  webdataset: 'application/x-tar',
};

/** An exported collection as an answer over HTTP, sent as it is made. */
export const exportResponse = (format: SinkFormat, { name, content }: { name: string; content: Readable }): Response =>
  new Response(Readable.toWeb(content) as ReadableStream, {
    headers: {
      'content-type': mimes[format],
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  });
