import { describe, expect, it } from 'vitest';
import { scriptedEngine, scriptedResult } from '../comparisons/scripted-engine';
import { scriptedStudio } from '../studio/scripted-studio';
import { openTestStudio } from '../studio/test-studio';
import { editComparison, removeComparisons, restoreComparisons } from './changes';
import { purgeComparisons, purgeExpired, undoMs } from '../comparisons/purge';
import { demandRoom, diskUse } from './disk';
import { historyPage, matchExpression, pageQuery } from './page';
import { say, takeBack } from './person-captions';

const scripted = scriptedStudio();

/** A finished comparison of one lane for each caption. */
async function kept(ownerId: string, title: string, ...captions: string[]): Promise<string> {
  const lanes = captions.map((_, i) => ({ id: `l${i}`, decoder: 'clipcap', options: {} }));
  const items = captions.map((caption, i) => ({
    kind: 'event' as const,
    at: i,
    event: { type: 'lane-finished' as const, lane: `l${i}`, result: scriptedResult(caption) },
  }));
  return (
    await scripted.studio.comparisons.save(
      { family: 'pocket', precision: 'fp32', device: { name: 'wasm' }, title, lanes, items, status: 'finished' },
      ownerId,
    )
  ).id;
}
const page = (ownerId: string, more: Partial<Parameters<typeof historyPage>[1]> = {}) =>
  historyPage(scripted.studio.database, { ownerId, limit: 50, ...more });
const titles = async (ownerId: string, more: Partial<Parameters<typeof historyPage>[1]> = {}) =>
  (await page(ownerId, more)).entries.map(({ title }) => title);

describe('the history', () => {
  it('pages by cursor, newest first, each comparison once, also when several are of the same moment', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) ids.push(await kept('pages', `n${i}`, 'a dog'));
    await scripted.studio.database.comparison.updateMany({
      where: { id: { in: ids.slice(2, 5) } },
      data: { createdAt: new Date('2026-01-01') },
    });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const { entries, nextCursor } = await page('pages', { limit: 2, cursor });
      seen.push(...entries.map(({ title }) => title));
      cursor = nextCursor ?? undefined;
      expect(entries.length).toBe(cursor || seen.length === 7 ? Math.min(2, 7 - (seen.length - entries.length)) : 0);
    } while (cursor);
    expect(new Set(seen).size).toBe(7);
    expect(seen.slice(0, 4)).toEqual(['n6', 'n5', 'n1', 'n0']);
    await expect(page('pages', { cursor: 'nonsense' })).rejects.toMatchObject({ code: 'option-invalid' });
  });

  it('asks the index for a page, wherever it begins, and sorts nothing', async () => {
    const { nextCursor } = await page('pages', { limit: 2 });
    for (const cursor of [undefined, nextCursor!]) {
      const query = pageQuery({ ownerId: 'pages', limit: 50, cursor });
      const plan = await scripted.studio.database.$queryRawUnsafe<{ detail: string }[]>(
        `EXPLAIN QUERY PLAN ${query.sql}`,
        ...query.values,
      );
      const details = plan.map(({ detail }) => detail).join('\n');
      expect(details).toMatch(
        /SEARCH c USING (COVERING )?INDEX Comparison_ownerId_deletedAt_createdAt_id_idx \(ownerId=\? AND deletedAt=\?/,
      );
      if (cursor) expect(details).toMatch(/createdAt.*<|\(createdAt,id\)<|deletedAt=\? AND/);
      expect(details).not.toMatch(/TEMP B-TREE|SCAN c/);
    }
  });

  it('finds words of captions, titles and notes by their beginnings, and nothing in the history of others', async () => {
    const id = await kept('search', 'Holiday', 'a brown dog runs', 'two men on the beach');
    await kept('search', 'Office', 'a laptop on a desk');
    await kept('others', 'Holiday', 'a brown dog runs');
    expect(await titles('search', { search: 'dog' })).toEqual(['Holiday']);
    expect(await titles('search', { search: 'BEA bro' })).toEqual(['Holiday']);
    expect(await titles('search', { search: 'offi' })).toEqual(['Office']);
    expect(await titles('search', { search: 'cat' })).toEqual([]);
    await editComparison(scripted.studio.database, 'search', id, { note: 'Ask Zoë about it', title: 'Trip' });
    expect(await titles('search', { search: 'zoe' })).toEqual(['Trip']);
    expect(await titles('search', { search: 'holiday' })).toEqual([]);
    // What looks like a query language is only words.
    expect(matchExpression('"dog" OR NEAR(x) -cat*')).toBe('"dog"* "OR"* "NEAR"* "x"* "cat"*');
    expect(await titles('search', { search: 'dog" OR "laptop' })).toEqual([]);
    expect(await titles('search', { search: ' *() ' })).toHaveLength(2);
    const query = pageQuery({ ownerId: 'search', limit: 50, search: 'dog' });
    const plan = await scripted.studio.database.$queryRawUnsafe<{ detail: string }[]>(
      `EXPLAIN QUERY PLAN ${query.sql}`,
      ...query.values,
    );
    expect(plan.map(({ detail }) => detail).join('\n')).toMatch(/f VIRTUAL TABLE INDEX/);
  });

  it('finds what a person says of a photo, as long as they say it, also where it was saved or imported with it', async () => {
    const { database } = scripted.studio;
    const id = await kept('saying', 'Mine', 'a dog');
    const own = (text: string) => ({ id: 'one', text, own: true });
    await say(database, 'saying', { id, caption: own('our Rex by the sea') });
    expect(await titles('saying', { search: 'rex sea dog' })).toEqual(['Mine']);
    expect((await page('saying')).entries[0]).toMatchObject({ said: ['our Rex by the sea'] });
    await say(database, 'saying', { id, caption: own('our Bello') });
    expect(await titles('saying', { search: 'rex' })).toEqual([]);
    // What its lanes say later does not take it away.
    await database.lane.updateMany({ where: { comparisonId: id }, data: { caption: 'a cat' } });
    expect(await titles('saying', { search: 'bello cat' })).toEqual(['Mine']);
    await takeBack(database, 'saying', { id, caption: 'one' });
    expect(await titles('saying', { search: 'bello' })).toEqual([]);
    await kept('saying', 'Brought along', 'a boat');
    const [brought] = (await page('saying')).entries;
    const row = await database.comparison.findUniqueOrThrow({
      where: { id: brought!.id },
      omit: { personCaptions: true },
    });
    await database.comparison.create({
      data: { ...(row as object), id: 'another', personCaptions: [{ ...own('a sloop'), at: '', by: 'me' }] } as never,
    });
    expect(await titles('saying', { search: 'sloop' })).toEqual(['Brought along']);
  });

  it('says of a lane that cannot read the input that it is not for it', async () => {
    const id = await kept('unfit', 'Embedding', 'a dog');
    await scripted.studio.database.lane.updateMany({
      where: { comparisonId: id },
      data: { status: 'failed', error: { code: 'needs-image', message: 'It reads a photo.' } },
    });
    expect((await page('unfit')).entries[0]!.lanes).toMatchObject([{ status: 'failed', unfit: true }]);
  });

  it('finds the captions of a comparison as soon as they are said', async () => {
    const { id } = await scripted.studio.comparisons.create(
      { input: { kind: 'sample' }, lanes: [{ decoder: 'clipcap' }, { decoder: 'decap' }] },
      { ownerId: 'live' },
    );
    for await (const [, item] of scripted.studio.comparisons.follow(id, -1))
      if (item.kind === 'event' && item.event.type === 'lane-finished') break;
    expect((await page('live', { search: 'a' })).entries.map((entry) => entry.id)).toEqual([id]);
    await scripted.studio.comparisons.ended(id);
    const [entry] = (await page('live')).entries;
    expect(entry).toMatchObject({
      status: 'finished',
      lanes: [{ caption: 'a', similarity: 0.4 }, { caption: 'a dog' }],
      image: { width: 8, height: 6 },
    });
    expect(entry!.bytes).toBeGreaterThan(500);
    expect(await scripted.studio.comparisons.get(id)).toMatchObject({ appVersion: expect.stringMatching(/^\d/) });
  });

  it('deletes with a way back, and for good later, picture and words too', async () => {
    const image = await scripted.studio.images.save({ width: 3, height: 3, data: new Uint8Array(27) }, 'png', {
      ownerId: 'gone',
    });
    const { id } = await scripted.studio.comparisons.save(
      {
        family: 'pocket',
        precision: 'fp32',
        device: { name: 'wasm' },
        imageId: image.id,
        lanes: [{ id: 'a', decoder: 'clipcap', options: {} }],
        items: [
          {
            kind: 'event',
            at: 0,
            event: { type: 'lane-finished', lane: 'a', result: scriptedResult('unheard words') },
          },
        ],
        status: 'finished',
      },
      'gone',
    );
    expect(await removeComparisons(scripted.studio.database, 'gone', [id])).toBe(1);
    expect(await titles('gone')).toEqual([]);
    // Its owner is told that it was deleted, a stranger no more than that there is none.
    await expect(scripted.studio.of('gone').get(id)).rejects.toMatchObject({
      code: 'not-found',
      details: { deleted: true },
    });
    await expect(scripted.studio.of('somebody').get(id)).rejects.toMatchObject({
      code: 'not-found',
      details: undefined,
      message: expect.stringContaining('There is no comparison'),
    });
    expect((await page('gone', { deleted: true })).entries.map((entry) => entry.id)).toEqual([id]);
    expect(await restoreComparisons(scripted.studio.database, 'gone', [id])).toBe(1);
    expect((await scripted.studio.of('gone').get(id)).lanes[0]!.result!.caption).toBe('unheard words');

    await removeComparisons(scripted.studio.database, 'gone', [id]);
    expect(await purgeExpired(scripted.studio.database, Date.now() + undoMs - 60_000)).toBe(0);
    expect(await purgeComparisons(scripted.studio.database, 'somebody', [id])).toBe(0);
    expect(await purgeExpired(scripted.studio.database, Date.now() + undoMs + 60_000)).toBe(1);
    expect(await scripted.studio.images.has(image.id, 'gone')).toBe(false);
    expect(await scripted.studio.database.eventBatch.count({ where: { comparisonId: id } })).toBe(0);
    expect(
      await scripted.studio.database.$queryRaw`SELECT rowid FROM "SearchIndex" WHERE "SearchIndex" MATCH 'unheard'`,
    ).toEqual([]);
  });
});

describe('the disk', () => {
  const limits = { allBytes: 1e9, ownerBytes: 60_000 };
  it('is counted for each owner, and full names what to delete', async () => {
    const noise = new Uint8Array(100 * 100 * 3).map((_, i) => (i * i * 31 + (i >> 3) * 17) % 256);
    const save = async (title: string) => {
      const { id } = await scripted.studio.images.save({ width: 100, height: 100, data: noise }, 'png', {
        ownerId: 'full',
      });
      return (
        await scripted.studio.comparisons.save(
          {
            family: 'pocket',
            precision: 'fp32',
            device: { name: 'wasm' },
            title,
            imageId: id,
            lanes: [{ id: 'a', decoder: 'clipcap', options: {} }],
            items: [{ kind: 'event', at: 0, event: { type: 'lane-finished', lane: 'a', result: scriptedResult('a') } }],
            status: 'finished',
          },
          'full',
        )
      ).id;
    };
    const first = await save('Noise');
    const one = await diskUse(scripted.studio.database, 'full', limits);
    expect(one.owner).toBeGreaterThan(500);
    const tight = { ...limits, ownerBytes: one.owner + 10 };
    await demandRoom(scripted.studio.database, 'full', tight);
    await save('More noise');
    await expect(demandRoom(scripted.studio.database, 'full', tight)).rejects.toMatchObject({
      code: 'storage-full',
      message: expect.stringMatching(
        /of the \d+ MB.*Delete comparisons under History; the largest of yours: “(More noise|Noise)”/,
      ),
    });
    await demandRoom(scripted.studio.database, 'somebody else', tight);
    // What is deleted already makes room by itself.
    await removeComparisons(scripted.studio.database, 'full', [first]);
    await demandRoom(scripted.studio.database, 'full', tight);
    expect(await restoreComparisons(scripted.studio.database, 'full', [first])).toBe(0);
    await expect(
      demandRoom(scripted.studio.database, 'somebody else', { ...limits, allBytes: 1000 }),
    ).rejects.toMatchObject({ message: expect.stringMatching(/STUDIO_DISK_MB.*ask whoever runs/) });
  });

  it('full refuses uploads and runs', async () => {
    const small = await openTestStudio(scripted.url, scriptedEngine(1), { STUDIO_DISK_MB: 0.001 });
    await expect(small.of('local').create({ input: { kind: 'sample' } })).rejects.toMatchObject({
      code: 'storage-full',
    });
    expect(small.comparisons.load()).toEqual({ running: 0, waiting: 0 });
    await small.close();
  });
});
