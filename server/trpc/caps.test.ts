import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedEngine } from '../comparisons/scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import { createShare } from '../history/shares';
import { createKey } from '../owners/keys';
import { serveRouter, testBrowser, type TestHttp } from './test-http';

const scratch = scratchFolder();
let studio: Studio;
let http: TestHttp;
beforeAll(async () => {
  studio = await openTestStudio(scratch.url, scriptedEngine(1), { STUDIO_OWNER_DISK_MB: 1, STUDIO_WAITING: 100 });
  http = await serveRouter(studio);
});
afterAll(async () => {
  await http.close();
  await studio.close();
  scratch.remove();
});
const atOnce = <T>(count: number, work: () => Promise<T>) => Promise.allSettled(Array.from({ length: count }, work));
const taken = (answers: PromiseSettledResult<unknown>[]) =>
  answers.filter(({ status }) => status === 'fulfilled').length;
const refusals = (answers: PromiseSettledResult<unknown>[]) =>
  new Set(
    answers.flatMap((answer) => (answer.status === 'rejected' ? [(answer.reason as { code: string }).code] : [])),
  );

describe('a request', () => {
  it('is one call: a batch is refused, however it is asked for', async () => {
    const many = Array<string>(700).fill('studio.info').join(',');
    const asked = await fetch(`${http.base}/${many}?batch=1&input=${encodeURIComponent('{}')}`);
    expect(asked.status).toBe(400);
    expect((await asked.text()).length).toBeLessThan(2_000);
    const changed = await fetch(`${http.base}/owner.makeKey,owner.makeKey?batch=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"0":{},"1":{}}',
    });
    expect(changed.status).toBe(400);
    expect(await studio.database.ownerKey.count({ where: { ownerId: 'local' } })).toBe(0);
    expect((await fetch(`${http.base}/studio.info,studio.info`)).status).toBe(404);
    expect((await testBrowser(http.base).client.studio.info.query()).devices).toHaveLength(1);
  });
});

describe('what is capped', () => {
  it('stays so when many ask at once: ownership keys', async () => {
    const answers = await atOnce(50, () => createKey(studio.database, 'eager'));
    expect([taken(answers), [...refusals(answers)]]).toEqual([20, ['option-invalid']]);
    expect(await studio.database.ownerKey.count({ where: { ownerId: 'eager' } })).toBe(20);
  });

  it('links of a comparison', async () => {
    const { id } = await studio.of('sharer').create({ input: { kind: 'sample' } });
    const answers = await atOnce(50, () => createShare(studio.database, 'sharer', id));
    expect([taken(answers), [...refusals(answers)]]).toEqual([20, ['option-invalid']]);
    expect(await studio.database.share.count({ where: { comparisonId: id } })).toBe(20);
  });

  it('an owner’s disk: pictures, and comparisons after them', async () => {
    let seed = 1;
    const data = new Uint8Array(300 * 300 * 3).map(() => (seed = (seed * 48_271) % 2_147_483_647) & 255);
    const noise = { width: 300, height: 300, data }; // 270 KB: noise does not become smaller
    const answers = await atOnce(12, () => studio.images.save(noise, 'png', { ownerId: 'full' }));
    expect([taken(answers), [...refusals(answers)]]).toEqual([4, ['storage-full']]);
    const request = { input: { kind: 'sample' as const } };
    const more = await atOnce(5, () => studio.comparisons.create(request, { ownerId: 'full' }));
    expect([taken(more), [...refusals(more)]]).toEqual([0, ['storage-full']]);
    expect(await studio.database.comparison.count({ where: { ownerId: 'full' } })).toBe(0);
    await studio.images.save(noise, 'png', { ownerId: 'somebody else' });
  });
});
