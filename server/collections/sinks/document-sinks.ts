import { numberIn } from '../../../kept/captions/match';
import { examples } from '../../../kept/captions/examples';
import { StudioError } from '../../../models/errors';
import { DocumentFile } from '../../files/document';
import type { Streams } from '../../files/streams';
import { oneLine } from '../sources/pictures';
import type { Source } from '../sources/types';
import { tableRows, type TableRow } from './columns';
import { ParquetRows } from './parquet-rows';
import { bestOf } from './record';
import type { Answered, OpenSink, SinkWishes } from './types';
import { sampleOf, tarEnd } from './webdataset';

type Io = Pick<Streams, 'cwd' | 'stdout'>;

/**
 * A document is there once it is whole: it is written beside and renamed. Where it is resumed it is written anew, of
 * what the run holds.
 */
const sinkTo = (
  file: DocumentFile,
  tell: readonly string[],
  write: (photo: Answered) => Promise<void>,
  end: () => Promise<void>,
): OpenSink => ({
  done: new Set(),
  tell,
  write,
  async finish() {
    await end();
    await file.commit();
  },
  abandon: () => file.close(),
});

/**
 * COCO results, `[{"image_id", "caption"}]`: the id that the input gave, else the number in a file's name as COCO's
 * own, else the name. Of several lanes the best by cosine; what has no caption is left out.
 */
export async function openCocoResults(io: Io, name: string, { mode, sources }: SinkWishes): Promise<OpenSink> {
  const ids = new Map<number | string, string>();
  const nameless: string[] = [];
  for (const source of sources) {
    const id = imageIdOf(source);
    const before = ids.get(id);
    if (before !== undefined)
      throw new StudioError(
        'option-invalid',
        `COCO results name images by their ids, and ${oneLine(before)} and ${oneLine(source.key)} are both ${id}. Write another format, for example ${name === '-' ? 'captions' : name.replace(/\.json$/i, '')}.jsonl.`,
      );
    ids.set(id, source.key);
    if (typeof id === 'string') nameless.push(oneLine(source.key));
  }
  const tell = nameless.length
    ? [
        `${name}: ${nameless.length === 1 ? '1 photo has' : `${nameless.length} photos have`} no COCO id (${examples(nameless, 'photos')}); the name stands for it.`,
      ]
    : [];
  const file = await DocumentFile.open(io, name, mode);
  let first = true;
  return sinkTo(
    file,
    tell,
    async (photo) => {
      const best = bestOf(photo.rows);
      if (best)
        await file.append(
          `${first ? '[\n' : ',\n'}${JSON.stringify({ image_id: imageIdOf(photo), caption: best.caption })}`,
        );
      first &&= !best;
    },
    () => file.append(first ? '[]\n' : '\n]\n'),
  );
}

function imageIdOf({ imageId, key }: Pick<Source, 'imageId' | 'key'>): number | string {
  if (imageId !== undefined) return /^\d{1,15}$/.test(String(imageId)) ? Number(imageId) : imageId;
  const number = numberIn(key);
  return number === undefined ? key : Number(number);
}

/** Rows that a row group has at least. */
const groupRows = 2_000;

/** Parquet: a row a photo and lane. */
export async function openParquet(io: Io, name: string, { mode }: SinkWishes): Promise<OpenSink> {
  const file = await DocumentFile.open(io, name, mode);
  const table = new ParquetRows();
  let rows: TableRow[] = [];
  const flush = async () => {
    await file.append(table.group(rows));
    rows = [];
  };
  return sinkTo(
    file,
    [],
    async (photo) => {
      rows.push(...tableRows(photo));
      if (rows.length >= groupRows) await flush();
    },
    async () => {
      if (rows.length) await flush();
      await file.append(table.end());
    },
  );
}

/** A webdataset: a .tar in which each photo lies with its captions, as json and (the best) as txt. */
export async function openWebdataset(io: Io, name: string, { mode, sources }: SinkWishes): Promise<OpenSink> {
  const file = await DocumentFile.open(io, name, mode);
  const byKey = new Map(sources.map((source) => [source.key, source]));
  const taken = new Set<string>();
  return sinkTo(
    file,
    [],
    async (photo) => file.append(await sampleOf(photo, byKey.get(photo.key), taken)),
    () => file.append(tarEnd),
  );
}
