import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openDatabase, type Database } from '../db/open';
import { historyPage } from '../history/page';

export type HistoryReport = {
  comparisons: number;
  databaseBytes: number;
  seedSeconds: number;
  rows: { what: string; entries: number; medianMs: number; worstMs: number }[];
};

const decoders = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'];
const words =
  'a brown black white dog cat man woman child runs jumps sits stands through over on in the grass water snow street beach ball frisbee red green field park'.split(
    ' ',
  );
const repeats = 15;

/**
 * Seeds a database with `comparisons` of five lanes each, with pictures and steps as a run leaves them, and opens pages
 * of its history.
 */
export async function benchHistory(comparisons: number, say: (line: string) => void): Promise<HistoryReport> {
  const folder = mkdtempSync(join(tmpdir(), 'studio-bench-'));
  const file = join(folder, 'studio.db');
  const database = await openDatabase(`file:${file}`);
  try {
    const began = performance.now();
    await seed(database, comparisons, say);
    const seedSeconds = (performance.now() - began) / 1000;
    let middle: string | undefined;
    for (let i = 0; i < Math.floor(comparisons / 200); i++)
      middle = (await historyPage(database, { ownerId: 'local', limit: 100, cursor: middle })).nextCursor ?? undefined;
    const rows = [];
    for (const [what, request] of [
      ['first page', {}],
      ['page in the middle', { cursor: middle }],
      ['search of a frequent word', { search: 'dog' }],
      ['search of three words', { search: 'brown dog beach' }],
      ['search of a word that is nowhere', { search: 'zebra' }],
    ] as const) {
      const times: number[] = [];
      let entries = 0;
      for (let i = 0; i < repeats; i++) {
        const start = performance.now();
        entries = (await historyPage(database, { ownerId: 'local', limit: 60, ...request })).entries.length;
        times.push(performance.now() - start);
      }
      times.sort((a, b) => a - b);
      rows.push({ what, entries, medianMs: times[repeats >> 1]!, worstMs: times.at(-1)! });
    }
    return { comparisons, databaseBytes: statSync(file).size, seedSeconds, rows };
  } finally {
    await database.$disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fills a database, which is made where it is not there, for whoever measures a page on it. */
export async function seedHistory(file: string, comparisons: number, say: (line: string) => void): Promise<void> {
  const database = await openDatabase(`file:${file}`);
  try {
    await seed(database, comparisons, say);
  } finally {
    await database.$disconnect();
  }
}

async function seed(database: Database, comparisons: number, say: (line: string) => void): Promise<void> {
  const thumbnail = new Uint8Array(
    await sharp({
      create: {
        width: 320,
        height: 240,
        channels: 3,
        background: '#486',
        noise: { type: 'gaussian', mean: 128, sigma: 30 },
      },
    })
      .jpeg({ quality: 80 })
      .toBuffer(),
  );
  await database.image.create({
    data: {
      id: 'bench',
      mime: 'image/jpeg',
      width: 320,
      height: 240,
      bytes: thumbnail,
      thumbnail,
      size: 2 * thumbnail.length,
    },
  });
  const now = Date.now();
  const sentence = (n: number) =>
    Array.from({ length: 9 }, (_, i) => words[(n * 7919 + i * 104729 + i * n) % words.length]).join(' ');
  for (let from = 0; from < comparisons; from += 500) {
    const numbers = Array.from({ length: Math.min(500, comparisons - from) }, (_, i) => from + i);
    const id = (n: number) => `bench-${String(n).padStart(8, '0')}`;
    await database.$transaction([
      database.comparison.createMany({
        data: numbers.map((n) => ({
          id: id(n),
          createdAt: new Date(now - n * 60_000),
          status: 'finished',
          family: 'pocket',
          precision: 'fp32',
          device: { name: 'cpu' },
          inputKind: 'image',
          imageId: 'bench',
          title: n % 3 ? '' : `photo ${n}.jpg`,
          instanceId: 'bench',
          heartbeatAt: new Date(now),
        })),
      }),
      database.lane.createMany({
        data: numbers.flatMap((n) =>
          decoders.map((decoder, position) => {
            const caption = sentence(n * 5 + position);
            const nBest = Array.from({ length: 5 }, () => ({
              caption,
              tokens: [1, 2, 3],
              logProb: -9,
              score: -1,
              similarity: 0.5,
            }));
            return {
              comparisonId: id(n),
              key: decoder,
              position,
              decoder,
              options: { beam: 5 },
              status: 'finished',
              result: { caption, similarity: 0.5, nBest },
            };
          }),
        ),
      }),
      database.eventBatch.createMany({
        data: numbers.map((n) => ({
          comparisonId: id(n),
          first: 0,
          items: [
            { kind: 'event', at: 1, event: { type: 'encoded', space: 'pocket', ms: 1, norm: 1 } },
            { kind: 'ended', status: 'finished' },
          ],
        })),
      }),
    ]);
    say(`${from + numbers.length} of ${comparisons} comparisons`);
  }
}

export function describeHistory({ comparisons, databaseBytes, seedSeconds, rows }: HistoryReport): string {
  return [
    `${comparisons} comparisons of five lanes, ${(databaseBytes / 1e6).toFixed(0)} MB, seeded in ${seedSeconds.toFixed(0)} s; pages of 60`,
    `${'what'.padEnd(34)} entries   median ms   worst ms`,
    ...rows.map(
      ({ what, entries, medianMs, worstMs }) =>
        `${what.padEnd(34)} ${String(entries).padStart(7)} ${medianMs.toFixed(1).padStart(11)} ${worstMs.toFixed(1).padStart(10)}`,
    ),
  ].join('\n');
}
