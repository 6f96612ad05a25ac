import { describe, expect, it } from 'vitest';
import { exportCsv } from '../../kept/export-text';
import { ratingTable } from '../../kept/ratings';
import { scriptedResult } from '../comparisons/scripted-engine';
import { scriptedStudio } from '../studio/scripted-studio';
import { removeComparisons } from './changes';
import { exportFile, fileHash } from './export-json';
import { contentHash } from './hash';
import { importFile } from './import';
import { historyPage, pageQuery } from './page';
import { ratedComparisons, ratedQuery, rateLane } from './ratings';

const scripted = scriptedStudio();
const db = () => scripted.studio.database;

/** A finished comparison of two lanes, and one that fails. */
async function run(ownerId: string, title = ''): Promise<string> {
  const { id } = await scripted.studio.comparisons.create(
    { input: { kind: 'sample' }, title, lanes: [{ decoder: 'clipcap' }, { decoder: 'broken' }, { decoder: 'decap' }] },
    { ownerId },
  );
  await scripted.studio.comparisons.ended(id);
  return id;
}
const ratings = async (id: string) => (await scripted.studio.store.view(id)).lanes.map(({ rating }) => rating);
const text = async (parts: AsyncIterable<string>) => {
  let all = '';
  for await (const part of parts) all += part;
  return all;
};
const source = () => ({ images: scripted.studio.images, view: (id: string) => scripted.studio.store.view(id) });
const parts = () => ({ database: db(), images: scripted.studio.images, store: scripted.studio.store });
const plan = async (query: { sql: string; values: unknown[] }) =>
  (await db().$queryRawUnsafe<{ detail: string }[]>(`EXPLAIN QUERY PLAN ${query.sql}`, ...query.values))
    .map(({ detail }) => detail)
    .join('\n');

describe('a rating', () => {
  it('is kept with its lane, changed and taken away', async () => {
    const id = await run('mine');
    await rateLane(db(), 'mine', { id, lane: 'decap', rating: { stars: 4, blind: true } });
    expect(await ratings(id)).toEqual([undefined, undefined, { stars: 4, blind: true }]);
    expect(
      (await historyPage(db(), { ownerId: 'mine', limit: 1 })).entries[0]!.lanes.map(({ rating }) => rating),
    ).toEqual([undefined, undefined, { stars: 4, blind: true }]);
    await rateLane(db(), 'mine', { id, lane: 'decap', rating: { stars: 2, blind: false } });
    expect((await ratings(id))[2]).toEqual({ stars: 2, blind: false });
    await rateLane(db(), 'mine', { id, lane: 'decap', rating: null });
    expect(await ratings(id)).toEqual([undefined, undefined, undefined]);
  });

  it('is refused for what has no caption, is deleted, or is another’s', async () => {
    const id = await run('careful');
    const rating = { stars: 5, blind: false };
    await expect(rateLane(db(), 'careful', { id, lane: 'broken', rating })).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/has no caption/),
    });
    await expect(rateLane(db(), 'careful', { id, lane: 'nosuch', rating })).rejects.toMatchObject({
      code: 'option-invalid',
    });
    await expect(rateLane(db(), 'somebody', { id, lane: 'decap', rating })).rejects.toMatchObject({
      code: 'not-found',
    });
    await removeComparisons(db(), 'careful', [id]);
    await expect(rateLane(db(), 'careful', { id, lane: 'decap', rating })).rejects.toMatchObject({ code: 'not-found' });
    expect(await ratings(id)).toEqual([undefined, undefined, undefined]);
  });

  it('goes when its lane runs again, and those of the other lanes stay', async () => {
    const id = await run('again');
    for (const lane of ['clipcap', 'decap'])
      await rateLane(db(), 'again', { id, lane, rating: { stars: 3, blind: false } });
    await scripted.studio.comparisons.extend({ id, lanes: [{ id: 'decap', decoder: 'decap' }] });
    await scripted.studio.comparisons.ended(id);
    expect((await scripted.studio.store.view(id)).lanes[2]!.result).toBeTruthy();
    expect(await ratings(id)).toEqual([{ stars: 3, blind: false }, undefined, undefined]);
  });

  it('comes along where a browser saves its comparison, of lanes with a caption alone', async () => {
    const lanes = ['a', 'b'].map((id) => ({ id, decoder: 'clipcap', options: {} }));
    const rating = { stars: 1, blind: true };
    const { id } = await scripted.studio.comparisons.save(
      {
        family: 'pocket',
        precision: 'fp32',
        device: { name: 'wasm' },
        lanes,
        ratings: { a: rating, b: rating },
        items: [{ kind: 'event', at: 0, event: { type: 'lane-finished', lane: 'a', result: scriptedResult('a dog') } }],
        status: 'cancelled',
      },
      'saver',
    );
    expect(await ratings(id)).toEqual([rating, undefined]);
  });
});

it('of a branch is told from those of its decoder', async () => {
  const lanes: { id: string; decoder: string; options: Record<string, readonly number[]> }[] = [
    { id: 'clipcap', decoder: 'clipcap', options: {} },
    { id: 'clipcap-2', decoder: 'clipcap', options: { prefixTokens: [320, 1929] } },
  ];
  const { id } = await scripted.studio.comparisons.save(
    {
      family: 'pocket',
      precision: 'fp32',
      device: { name: 'wasm' },
      lanes,
      ratings: { clipcap: { stars: 2, blind: false }, 'clipcap-2': { stars: 5, blind: false } },
      items: lanes.map(({ id: lane }) => ({
        kind: 'event' as const,
        at: 0,
        event: { type: 'lane-finished' as const, lane, result: scriptedResult('a dog') },
      })),
      status: 'finished',
    },
    'chooser',
  );
  const rated = await ratedComparisons(db(), 'chooser');
  expect(rated).toEqual([
    {
      id,
      lanes: [
        { lane: 'clipcap', decoder: 'clipcap', stars: 2, blind: false },
        { lane: 'clipcap-2', decoder: 'clipcap', stars: 5, blind: false, branch: true },
      ],
    },
  ]);
  expect(ratingTable(rated)).toMatchObject({ decoders: [{ decoder: 'clipcap', n: 1, mean: 2 }], branches: 1 });
  expect(
    (await historyPage(db(), { ownerId: 'chooser', limit: 1 })).entries[0]!.lanes.map(({ branch }) => branch),
  ).toEqual([undefined, true]);
});

describe('ratings in files', () => {
  it('come back by an import with the same hash, and stand in CSV', async () => {
    const id = await run('from', 'rated');
    const plain = await text(exportFile(source(), [id]));
    await rateLane(db(), 'from', { id, lane: 'decap', rating: { stars: 4, blind: true } });
    const exported = await text(exportFile(source(), [id]));
    expect(exported).not.toBe(plain);
    const { comparisons } = await importFile(parts(), 'to', exported);
    expect(await ratings(comparisons[0]!.id)).toEqual([undefined, undefined, { stars: 4, blind: true }]);
    expect(await text(exportFile(source(), [comparisons[0]!.id]))).toBe(exported);
    // Without its rating it is the file that it was before anything was rated.
    await rateLane(db(), 'to', { id: comparisons[0]!.id, lane: 'decap', rating: null });
    expect(await text(exportFile(source(), [comparisons[0]!.id]))).toBe(plain);

    async function* views() {
      yield await scripted.studio.store.view(id);
    }
    const rows = (await text(exportCsv(views())))
      .trimEnd()
      .split('\r\n')
      .map((row) => row.split(','));
    const column = (name: string) => rows.slice(1).map((row) => row[rows[0]!.indexOf(name)]);
    expect([column('stars'), column('rated_blind')]).toEqual([
      ['', '', '4'],
      ['', '', 'true'],
    ]);
  });

  it('are refused where they are none', async () => {
    const id = await run('forger');
    const changed = async (lane: number, rating: unknown) => {
      const file = JSON.parse(await text(exportFile(source(), [id]))) as {
        hash: string;
        comparisons: { hash: string; comparison: { lanes: { rating?: unknown }[] } }[];
      };
      const [only] = file.comparisons;
      only!.comparison.lanes[lane]!.rating = rating;
      only!.hash = contentHash(only!.comparison);
      return JSON.stringify({ ...file, hash: fileHash([only!.hash]) });
    };
    for (const [lane, rating, message] of [
      [2, { stars: 6, blind: false }, /lanes\.2\.rating\.stars/],
      [2, { stars: 2.5, blind: false }, /lanes\.2\.rating\.stars/],
      [2, { stars: 3 }, /lanes\.2\.rating\.blind/],
      [1, { stars: 3, blind: false }, /lanes\.1\.rating: there is no caption/],
    ] as const)
      await expect(importFile(parts(), 'victim', await changed(lane, rating))).rejects.toMatchObject({
        code: 'import-invalid',
        message: expect.stringMatching(message),
      });
    expect(await db().comparison.count({ where: { ownerId: 'victim' } })).toBe(0);
  });
});

describe('ratings of a history', () => {
  it('are those of its owner, without what is deleted, the newest comparison first', async () => {
    const ids = [await run('study'), await run('study'), await run('study'), await run('stranger')];
    for (const [i, stars] of [5, 3, 4].entries())
      await rateLane(db(), 'study', { id: ids[i]!, lane: 'clipcap', rating: { stars, blind: i === 1 } });
    await rateLane(db(), 'study', { id: ids[1]!, lane: 'decap', rating: { stars: 1, blind: true } });
    await rateLane(db(), 'stranger', { id: ids[3]!, lane: 'decap', rating: { stars: 1, blind: false } });
    await removeComparisons(db(), 'study', [ids[0]!]);
    expect(await ratedComparisons(db(), 'study')).toEqual([
      { id: ids[2], lanes: [{ lane: 'clipcap', decoder: 'clipcap', stars: 4, blind: false }] },
      {
        id: ids[1],
        lanes: [
          { lane: 'clipcap', decoder: 'clipcap', stars: 3, blind: true },
          { lane: 'decap', decoder: 'decap', stars: 1, blind: true },
        ],
      },
    ]);
    // The index tells what is rated: results, which are long, are not read for it.
    expect(await plan(ratedQuery('study'))).toMatch(
      /SEARCH l USING INDEX Lane_comparisonId_stars_idx \(comparisonId=\? AND stars>\?\)/,
    );
  });

  it('choose what the history shows', async () => {
    const ids = [await run('filter', 'one'), await run('filter', 'two')];
    await rateLane(db(), 'filter', { id: ids[0]!, lane: 'decap', rating: { stars: 2, blind: false } });
    const titles = async (rated?: boolean) =>
      (await historyPage(db(), { ownerId: 'filter', limit: 10, rated })).entries.map(({ title }) => title);
    expect([await titles(true), await titles(false), await titles()]).toEqual([['one'], ['two'], ['two', 'one']]);
    const details = await plan(pageQuery({ ownerId: 'filter', limit: 10, rated: true }));
    expect(details).toMatch(
      /SEARCH l (EXISTS )?USING COVERING INDEX Lane_comparisonId_stars_idx \(comparisonId=\? AND stars>\?\)/,
    );
    expect(details).not.toMatch(/TEMP B-TREE|SCAN c/);
  });
});
