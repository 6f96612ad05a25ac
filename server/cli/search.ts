import { StudioError } from '../../models/errors';
import type { Matrix } from '../../models/vectors/matrix';
import type { Recall } from '../../models/vectors/recall';
import { lines } from '../files/text-lines';
import { takeStdin } from '../files/streams';
import { openMatrix, type OpenMatrix } from '../vectors/open-matrix';
import { recallAgainst } from '../vectors/recall';
import { VectorIndex } from '../vectors/vector-index';
import { count, engineSettings, parse, text, type Values } from './args';
import type { Command } from './command';
import { spaceFlags, spaceHelp } from './space-flags';
import { readFamily } from '../weights/read-family';
import { fieldHelp, type Fields, within } from './fields';
import { type Io, nameOf, pathOf, say, sayJson, tell } from './io';
import { readPhoto } from './photo';
import { Progress } from './progress';
import { readReferenceImages, referencesHelp } from './references';
import type { EngineHost } from '../engine/host';
import { createReadStream } from 'node:fs';

const flags = {
  ...spaceFlags,
  text: { type: 'string', multiple: true },
  photo: { type: 'string', multiple: true },
  vector: { type: 'string', multiple: true },
  row: { type: 'string', multiple: true },
  queries: { type: 'string' },
  keys: { type: 'string' },
  top: { type: 'string' },
  references: { type: 'string' },
  split: { type: 'string' },
  json: { type: 'boolean' },
} as const;

const recallFields: Fields = {
  queries: 'how many were asked',
  recall1: 'share of them whose right answer came first',
  recall5: 'among the first five',
  recall10: 'among the first ten',
  medianRank: 'median rank of the best right answer, from 1',
};
const fields: Fields = {
  query: 'the text, photo, file or key that was searched for',
  'hits[].key': 'what the row is called',
  'hits[].row': 'its number, from 0',
  'hits[].cosine': 'its cosine with the query',
  rows: 'with --references: rows that were searched',
  images: 'rows that have references',
  texts: 'references that were asked',
  ...within('textToImage', recallFields),
  ...within('imageToText', recallFields),
};

export const search: Command = {
  summary: 'rows of embeddings by a text, a photo or a vector; recall against references',
  help: `npm run -s studio -- search VECTORS.npy --text "a dog on a beach" [flags]

VECTORS is what \`embed\` wrote of a collection, or any matrix of the family's space; FILE.keys.json beside it names the rows. Every row is
looked at (cosine), none by an approximation: there is no index to build. .npy in half or single precision is kept in memory as it is, a
million rows of 512 in half precision in 1 GB.

  --text T           searches for a text; may be repeated, as may the next three
  --photo FILE       for what looks like a photo
  --vector FILE      for the embeddings of a file, each of its rows
  --row KEY          for what is like a row, which is left out itself
  --queries FILE     a text a line, each answered as it comes; - is standard input
  --top N            how many rows are told   (10)
  --keys LIST        what the rows are called: a .json list, or a key a line
  --references FILE  no search: how often each photo is found by its references, and they by it (recall@1, 5 and 10)
  --split NAME       of references with splits: this one alone
${spaceHelp}
  --json             machine-readable output

${referencesHelp}

With --json one object a query and line, or one of the recall:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags, { positionals: 1 });
    const [file] = positionals;
    if (file === undefined)
      throw new StudioError(
        'option-invalid',
        'Name the vectors: search VECTORS.npy --text "a dog". `embed` makes them.',
      );
    const asks = (['text', 'photo', 'vector', 'row'] as const).flatMap((kind) =>
      ((values[kind] as string[] | undefined) ?? []).map((given) => ({ kind, given })),
    );
    const references = text(values.references);
    if (references === undefined ? !asks.length && values.queries === undefined : asks.length || values.queries)
      throw new StudioError(
        'option-invalid',
        references === undefined
          ? 'Say what to search for: --text, --photo, --vector, --row or --queries; or give --references for the recall.'
          : 'Give --references for the recall, or something to search for: one of them.',
      );
    const top = count('top', text(values.top)) ?? 10;
    const family = text(values.family) ?? 'pocket';
    const settings = engineSettings(values, io);
    const { manifest } = await readFamily(family, settings);
    const open = await openMatrix(io, file, text(values.keys));
    let engine: EngineHost | undefined;
    const towers = async () => (engine ??= await io.openEngine(settings));
    const embedTexts = async (texts: readonly string[]) =>
      (await (await towers()).embedTexts(family, texts)).map((embedding) => embedding.values);
    try {
      open.matrix.demand(manifest.space);
      if (references !== undefined) return await recall(open, references, values, embedTexts, io);
      const index = await VectorIndex.open(open);
      try {
        if (index.lost) tell(io, `${index.lost} rows are no vectors (NaN, infinity or zeros) and are never found.`);
        const answer = async (query: string, vector: Float32Array, but?: number) => {
          const found = (await index.search(vector, top + (but === undefined ? 0 : 1))).filter(
            ({ row }) => row !== but,
          );
          const hits = found.slice(0, top).map(({ row, cosine }) => ({ key: open.keys.of(row), row, cosine }));
          if (values.json) return sayJson(io, { query, hits });
          const shown = hits.map(
            ({ key, row, cosine }, rank) =>
              `  ${String(rank + 1).padStart(3)}  ${cosine.toFixed(4).padStart(7)}  ${key}${open.keys.named ? '' : `   (row ${row})`}`,
          );
          return say(io, [query, ...shown].join('\n'));
        };
        for (const { kind, given } of asks)
          if (kind === 'text') await answer(given, (await embedTexts([given]))[0]!);
          else if (kind === 'photo')
            await answer(given, (await (await towers()).embedImage(family, await readPhoto(io, given))).values);
          else if (kind === 'row') {
            const row = demandRow(open, given);
            await answer(given, open.matrix.row(row), row);
          } else
            await eachRow(io, given, async (query, vector, matrix) => {
              matrix.demand(manifest.space);
              await answer(query, vector());
            });
        const queries = text(values.queries);
        if (queries !== undefined)
          for await (const line of lines(
            queries === '-' ? takeStdin(io) : createReadStream(pathOf(io, queries)),
            queries,
          ))
            if (line.trim()) await answer(line.trim(), (await embedTexts([line.trim()]))[0]!);
        return 0;
      } finally {
        await index.close();
      }
    } finally {
      open.close();
      await engine?.close();
    }
  },
};

/** @throws option-invalid with some of the keys there are */
function demandRow({ matrix, keys }: OpenMatrix, key: string): number {
  const row = keys.row(key);
  if (row === undefined)
    throw new StudioError(
      'option-invalid',
      `--row ${key}: ${matrix.name} has no such key. It has ${matrix.rows}, the first is ${keys.of(0)}.`,
    );
  return row;
}

async function eachRow(
  io: Io,
  file: string,
  take: (query: string, vector: () => Float32Array, matrix: Matrix) => Promise<void>,
): Promise<void> {
  const { matrix, keys, close } = await openMatrix(io, file);
  try {
    for (let row = 0; row < matrix.rows; row++)
      await take(matrix.rows > 1 ? `${nameOf(file)}[${keys.of(row)}]` : nameOf(file), () => matrix.row(row), matrix);
  } finally {
    close();
  }
}

async function recall(
  open: OpenMatrix,
  file: string,
  values: Values,
  embedTexts: (texts: readonly string[]) => Promise<Float32Array[]>,
  io: Io,
): Promise<number> {
  const references = await readReferenceImages(io, file, text(values.split));
  let progress: Progress | undefined;
  const report = await recallAgainst(open, references, embedTexts, (done, total) => {
    progress ??= new Progress(io.stderr, total, 1, { what: 'text' });
    progress.update(done);
  });
  progress?.hide();
  if (report.images < report.rows)
    tell(
      io,
      `${report.rows - report.images} of ${report.rows} rows have no references; they are searched all the same.`,
    );
  if (values.json) await sayJson(io, report);
  else {
    const row = (what: string, { queries, recall1, recall5, recall10, medianRank }: Recall) =>
      `${what}  ${String(queries).padStart(7)}  ${[recall1, recall5, recall10].map((value) => (100 * value).toFixed(1).padStart(5)).join('  ')}  ${String(medianRank).padStart(6)}`;
    await say(io, `               queries    R@1    R@5   R@10  median rank`);
    await say(io, row('text to photo', report.textToImage));
    await say(io, row('photo to text', report.imageToText));
  }
  return 0;
}
