import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Rating, type RatingTable, ratingTable } from '../../kept/ratings';
import { replayNote, replayReport, replaySentences, viewOfRun } from '../../kept/replay';
import { StudioError } from '../../models/errors';
import type { StudioEvent } from '../../models/events';
import { weightsOf } from '../comparisons/catalogue';
import { memoryFrequencies } from '../comparisons/frequencies';
import { ImageStore } from '../comparisons/images';
import { ComparisonStore, notFound } from '../comparisons/store';
import { openDatabase, type Database } from '../db/open';
import { readEnv } from '../env/env';
import { appVersion } from '../env/version';
import { familyDirs } from '../weights/folders';
import { exportComparisons, exportFormats, type ExportFormat } from '../history/export';
import { importFile } from '../history/import';
import { historyPage } from '../history/page';
import { ratedComparisons } from '../history/ratings';
import { replayRequest } from '../history/replay';
import { createKey, listKeys, revokeKey } from '../owners/keys';
import { localOwner } from '../owners/signing';
import type { ComparisonView } from '../../kept/comparison';
import type { HistoryEntry } from '../../kept/answers';
import { count, engineSettings, familySettings, parse, text, type Values } from './args';
import type { Command } from './command';
import { type Io, pathOf, say, sayJson, write } from './io';
import { readBytes } from './photo';

const flags = {
  json: { type: 'boolean' },
  database: { type: 'string' },
  search: { type: 'string' },
  limit: { type: 'string' },
  cursor: { type: 'string' },
  deleted: { type: 'boolean' },
  rated: { type: 'boolean' },
  unrated: { type: 'boolean' },
  blind: { type: 'boolean' },
  events: { type: 'boolean' },
  all: { type: 'boolean' },
  format: { type: 'string' },
  lane: { type: 'string' },
  out: { type: 'string' },
  device: { type: 'string' },
  'families-dir': { type: 'string' },
} as const;

type Kept = { database: Database; images: ImageStore; store: ComparisonStore; values: Values; io: Io };
type Action = (words: string[], kept: Kept) => Promise<number>;

export const history: Command = {
  summary: 'comparisons that were kept: list, show, export, import, replay, ratings',
  help: `npm run -s studio -- history list [--search WORDS] [--rated | --unrated] [--limit N] [--cursor C] [--deleted]
npm run -s studio -- history show ID [--events]
npm run -s studio -- history export ID... | --all  [--format F] [--lane L] [--out FILE]
npm run -s studio -- history import FILE...
npm run -s studio -- history replay ID [--device D]
npm run -s studio -- history ratings [--blind]
npm run -s studio -- history key new | list | revoke ID

The comparisons of this machine's own owner, the same that the page shows on the loopback. An ID may be cut as long as it is clear.

  list       newest first; --search finds beginnings of words in captions, titles and notes; --rated those of which
             some caption is rated, --unrated those of which none is
  show       captions and numbers; --events with every step
  export     to FILE, or to standard output; every format but json is for reading elsewhere
  import     what was exported as json; checks everything first; what is here already is not doubled
  replay     runs it again and says whether the tokens are the same, and what differs if not; status 1 if they are not
  ratings    mean stars by decoder, and how often each was preferred to each other on the same input, with counts; --blind: only what
             was rated while the names were hidden
  key        ownership keys to this machine's history: whoever has one can read and delete all of it in a browser; new tells one, this
             once; list says when each was made and last used; revoke ends one, and the browsers that came by it

  --database FILE    SQLite file   (DATABASE_URL, or data/studio.db)
  --format F         ${exportFormats.join(', ')}   (json)
  --lane L           for coco: the lane or decoder whose captions are wanted
  --limit N          entries of a page   (20)
  --device NAME      for replay: auto, cpu, cuda, webgpu, coreml, dml   (auto)
  --json             machine-readable output`,
  async run(args, io) {
    const { values, positionals } = parse(args, flags);
    const [name = '', ...words] = positionals;
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (!action)
      throw new StudioError(
        'option-invalid',
        `${name ? `There is no "history ${name}"` : 'Say what to do'}. Known are ${Object.keys(actions).join(', ')}; history --help explains them.`,
      );
    const database = await openDatabase(databaseUrl(values, io));
    try {
      return await action(words, {
        database,
        images: new ImageStore(database),
        store: new ComparisonStore(database),
        values,
        io,
      });
    } finally {
      await database.$disconnect();
    }
  },
};

const databaseUrl = (values: Values, io: Io) =>
  text(values.database) === undefined ? readEnv(io.env).DATABASE_URL : `file:${pathOf(io, text(values.database)!)}`;
const dirsOf = (values: Values, io: Io) => {
  const { familiesDir, installedDir } = familySettings(values, io);
  return familyDirs({ embedded: familiesDir, installed: installedDir });
};

const actions: Record<string, Action> = {
  async list(_, { database, values, io }) {
    const page = await historyPage(database, {
      ownerId: localOwner,
      limit: Math.min(count('limit', text(values.limit)) ?? 20, 1_000),
      cursor: text(values.cursor),
      search: text(values.search),
      deleted: values.deleted === true,
      ...ratedFilter(values),
    });
    if (values.json) await sayJson(io, page);
    else {
      if (!page.entries.length)
        await say(
          io,
          values.search === undefined && values.rated === undefined && values.unrated === undefined
            ? 'Nothing is kept yet.'
            : 'Nothing is found.',
        );
      for (const entry of page.entries) await say(io, entryLines(entry));
      if (page.nextCursor) await say(io, `\nMore: history list --cursor ${page.nextCursor}`);
    }
    return 0;
  },
  async show([given], kept) {
    const { values, io } = kept;
    const { items, ...view } = await viewOf(given, kept);
    if (values.json) await sayJson(io, { ...view, ...(values.events ? { items } : {}) });
    else {
      await say(io, viewLines(view));
      if (values.events) for (const item of items) await sayJson(io, item);
    }
    return 0;
  },
  async export(words, kept) {
    const { values, images, io } = kept;
    const format = (text(values.format) ?? 'json') as ExportFormat;
    if (!exportFormats.includes(format))
      throw new StudioError('option-invalid', `--format is "${format}"; expected one of ${exportFormats.join(', ')}.`);
    const ids = values.all
      ? await allIds(kept.database)
      : await Promise.all(words.map((word) => resolveId(word, kept)));
    const dirs = dirsOf(values, io);
    const { parts } = await exportComparisons(
      {
        images,
        view: (id) => kept.store.view(id),
        frequencies: (family, grams) => memoryFrequencies(family, grams, dirs),
      },
      ids,
      format,
      { lane: text(values.lane) },
    );
    const out = text(values.out);
    if (out === undefined) {
      for await (const part of parts) await write(io, part);
      return 0;
    }
    await pipeline(Readable.from(parts), createWriteStream(pathOf(io, out)));
    if (values.json)
      await sayJson(io, { file: out, bytes: (await stat(pathOf(io, out))).size, comparisons: ids.length });
    else await say(io, `${ids.length} ${ids.length === 1 ? 'comparison' : 'comparisons'} written to ${out}`);
    return 0;
  },
  async import(words, { values, io, ...kept }) {
    if (!words.length) throw new StudioError('option-invalid', 'Name the file to import: history import FILE');
    for (const file of words) {
      const { comparisons } = await importFile(kept, localOwner, new TextDecoder().decode(await readBytes(io, file)));
      if (values.json) await sayJson(io, { file, comparisons });
      else
        for (const { id, title, known } of comparisons)
          await say(io, `${id}  ${known ? 'is here already' : 'imported'}${title ? `  ${title}` : ''}`);
    }
    return 0;
  },
  async replay([given], kept) {
    const original = await viewOf(given, kept);
    const request = replayRequest(original);
    const { values, io } = kept;
    const weights = await weightsOf(original.family, dirsOf(values, io));
    const engine = await io.openEngine(engineSettings(values, io));
    const events: StudioEvent[] = [];
    try {
      const input = original.image
        ? { kind: 'image' as const, image: await kept.images.pixels(original.image.id) }
        : {
            kind: 'embedding' as const,
            embedding: {
              space: weights.space ?? original.family,
              modality: original.modality ?? ('image' as const),
              state: 'raw' as const,
              values: Float32Array.from(original.embedding!),
            },
          };
      const lanes = request.lanes!.map(({ id, decoder, options }) => ({ id: id!, decoder, options }));
      for await (const event of engine.compare(
        { family: original.family, precision: request.precision, input, lanes },
        { signal: io.signal },
      ))
        events.push(event);
    } finally {
      await engine.close();
    }
    const report = replayReport(original, viewOfRun(original, events, appVersion, weights));
    if (values.json) await sayJson(io, { ...report, sentences: replaySentences(report) });
    else {
      for (const lane of report.lanes) {
        await say(io, `  ${lane.same ? '=' : '≠'} ${lane.id.padEnd(12)} ${lane.after ?? replayNote(lane) ?? ''}`);
        if (!lane.same && lane.before !== null) await say(io, `    ${'then'.padEnd(12)} ${lane.before}`);
      }
      for (const sentence of replaySentences(report)) await say(io, sentence);
    }
    return report.same ? 0 : 1;
  },
  async ratings(_, { database, values, io }) {
    const table = ratingTable(await ratedComparisons(database, localOwner), { blindOnly: values.blind === true });
    if (values.json) await sayJson(io, table);
    else
      await say(
        io,
        table.ratings
          ? ratingLines(table)
          : `Nothing is rated${values.blind ? ' blind' : ''} yet. Give stars to captions on the page.`,
      );
    return 0;
  },
  async key([what, id], { database, values, io }) {
    if (what === 'new') {
      const made = await createKey(database, localOwner);
      if (values.json) await sayJson(io, made);
      else await say(io, made.key);
    } else if (what === 'list') {
      const keys = await listKeys(database, localOwner);
      if (values.json) await sayJson(io, { keys });
      else
        for (const { id: key, createdAt, lastUsedAt } of keys)
          await say(
            io,
            `${key}  made ${when(createdAt)}  ${lastUsedAt ? `last used ${when(lastUsedAt)}` : 'never used'}`,
          );
      if (!values.json && !keys.length) await say(io, 'There is no key to this history.');
    } else if (what === 'revoke' && id) {
      await revokeKey(database, localOwner, id);
      if (values.json) await sayJson(io, { revoked: id });
      else await say(io, `${id} is revoked.`);
    } else
      throw new StudioError(
        'option-invalid',
        'Say what to do: history key new, history key list, or history key revoke ID.',
      );
    return 0;
  },
};

/** A whole id from the beginning of one. @throws not-found, option-invalid where several begin so */
async function resolveId(given: string | undefined, { database }: Kept): Promise<string> {
  if (!given) throw new StudioError('option-invalid', 'Name a comparison by its id; history list shows them.');
  const own = { ownerId: localOwner, deletedAt: null };
  const exact = await database.comparison.findFirst({ where: { ...own, id: given }, select: { id: true } });
  if (exact) return exact.id;
  const found = await database.comparison.findMany({
    where: { ...own, id: { startsWith: given } },
    select: { id: true },
    take: 3,
  });
  if (found.length > 1)
    throw new StudioError(
      'option-invalid',
      `Several comparisons begin with ${given}: ${found.map(({ id }) => id).join(', ')} … Write more of the id.`,
    );
  if (!found[0]) throw notFound(given);
  return found[0].id;
}
const viewOf = async (given: string | undefined, kept: Kept): Promise<ComparisonView> =>
  kept.store.view(await resolveId(given, kept));
const allIds = async (database: Database) =>
  (
    await database.comparison.findMany({
      where: { ownerId: localOwner, deletedAt: null, status: { notIn: ['queued', 'running'] } },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      select: { id: true },
    })
  ).map(({ id }) => id);

/** @throws option-invalid for both at once, which nothing could be */
function ratedFilter({ rated, unrated }: Values): { rated?: boolean } {
  if (rated && unrated)
    throw new StudioError('option-invalid', 'Nothing is both rated and unrated: give --rated or --unrated.');
  return rated ? { rated: true } : unrated ? { rated: false } : {};
}

const when = (date: Date) => date.toISOString().slice(0, 16).replace('T', ' ');
const laneLine = (
  id: string,
  caption: string | null | undefined,
  status: string,
  cosine: number | null | undefined,
  rating?: Rating,
) =>
  `  ${id.padEnd(12)} ${cosine === null || cosine === undefined ? '    ' : cosine.toFixed(2)}  ${caption ?? `(${status})`}${rating ? `  [${rating.stars} of 5${rating.blind ? ', blind' : ''}]` : ''}`;

function ratingLines({ comparisons, ratings, decoders, pairs }: RatingTable): string {
  const right = (value: string | number, width: number) => String(value).padStart(width);
  return [
    `${ratings} ratings in ${comparisons} ${comparisons === 1 ? 'comparison' : 'comparisons'}; stars of 5`,
    `  ${'decoder'.padEnd(12)}${right('n', 6)}${right('mean', 7)}${right('sd', 7)}${right('blind', 7)}`,
    ...decoders.map(
      ({ decoder, n, mean, sd, blind }) =>
        `  ${decoder.padEnd(12)}${right(n, 6)}${right(mean.toFixed(2), 7)}${right(sd?.toFixed(2) ?? '-', 7)}${right(blind, 7)}`,
    ),
    ...(pairs.length ? ['', 'More stars on the same input; rate: wins and half of the ties, of n'] : []),
    ...pairs.map(
      ({ a, b, n, wins, ties, losses, rate }) =>
        `  ${`${a} over ${b}`.padEnd(24)} n ${right(n, 4)}  wins ${right(wins, 4)}  ties ${right(ties, 4)}  losses ${right(losses, 4)}  rate ${rate.toFixed(2)}`,
    ),
  ].join('\n');
}

function entryLines({ id, createdAt, title, status, lanes, computedBy, note }: HistoryEntry): string {
  const head = [
    id,
    when(createdAt),
    title,
    status === 'finished' ? '' : `(${status})`,
    computedBy === 'client' ? '(a browser’s word)' : '',
  ]
    .filter(Boolean)
    .join('  ');
  return [
    head,
    ...(note ? [`  note: ${note.split('\n')[0]}`] : []),
    ...lanes.map((lane) => laneLine(lane.id, lane.caption, lane.status, lane.similarity, lane.rating)),
  ].join('\n');
}
function viewLines(view: Omit<ComparisonView, 'items'>): string {
  const facts = [
    view.family + (view.familyHash ? ` (${view.familyHash.slice(0, 12)})` : ''),
    view.device?.name,
    view.precision,
    view.appVersion && `version ${view.appVersion}`,
  ]
    .filter(Boolean)
    .join(', ');
  return [
    [view.id, when(view.createdAt), view.title, view.status].filter(Boolean).join('  '),
    `  ${facts}`,
    ...(view.note ? view.note.split('\n').map((line) => `  | ${line}`) : []),
    ...view.references.map((reference) => `  reference: ${reference}`),
    ...view.lanes.map((lane) =>
      laneLine(lane.id, lane.result?.caption ?? lane.error?.message, lane.status, lane.result?.similarity, lane.rating),
    ),
  ].join('\n');
}
