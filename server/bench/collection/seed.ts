import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Prisma } from '../../../prisma/generated/client';
import type { RunSettings } from '../../../models/collections/shards';
import type { BatchRow } from '../../../models/collections/types';
import { seeded } from '../../../models/random';
import { collectionsFolder } from '../../collections/run/folder';
import { type PhotoRow, ShardFiles } from '../../collections/run/shard-files';
import { openDatabase } from '../../db/open';

const decoders = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'];
const words =
  'a brown black white dog man woman child runs jumps sits stands through over on in the grass water snow street beach ball red green field'.split(
    ' ',
  );
const shardSize = 500;

/**
 * Fills a database, which is made where it is not there, with a finished run of a collection of `photos` and five
 * lanes, as a run leaves it but for the photos themselves. @returns the run's id
 */
export async function seedCollection(file: string, photos: number): Promise<string> {
  const database = await openDatabase(`file:${file}`);
  try {
    const id = 'bench-collection';
    const settings: RunSettings = {
      ...{ family: 'pocket', familyHash: 'bench', precision: 'fp32', device: 'cpu', embeddings: false, batch: 16 },
      lanes: decoders.map((decoder) => ({ id: decoder, decoder, options: {} })),
      reading: 'whole',
    };
    const ended = { status: 'finished', endedAt: new Date() };
    await database.collectionRun.create({
      data: { id, title: 'bench', settings: settings as Prisma.InputJsonValue, total: photos, ...ended },
    });
    const folder = collectionsFolder(database);
    mkdirSync(folder, { recursive: true });
    const files = new ShardFiles(folder);
    const random = seeded(7);
    for (let from = 0, position = 0; from < photos; from += shardSize, position++) {
      const count = Math.min(shardSize, photos - from);
      const name = `${id}-${position}`;
      const rows = Array.from({ length: count }, (_, i) => photoRow(from + i, random));
      writeFileSync(files.whole(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      await database.collectionShard.create({
        data: { runId: id, position, name, count, status: 'done', done: count, attempts: 1 },
      });
    }
    return id;
  } finally {
    await database.$disconnect();
  }
}

function photoRow(n: number, random: () => number): PhotoRow {
  const caption = () =>
    Array.from({ length: 8 + Math.floor(random() * 5) }, () => words[Math.floor(random() * words.length)]!).join(' ');
  const rows = decoders.map((decoder): BatchRow => {
    const similarity = 0.3 + random() * 0.5;
    return {
      ...{ lane: decoder, decoder, caption: caption(), tokens: [1, 2, 3], logProb: -10 * random(), similarity },
      certainty: similarity > 0.6 ? 'likely' : 'unsure',
      optimised: decoder === 'iterative',
    };
  });
  return { key: join('holidays', `${String(n).padStart(6, '0')}.jpg`), rows };
}
