import { type APIRequestContext, expect, type Page, request } from '@playwright/test';
import superjson from 'superjson';
import type { ComparisonView } from '../kept/comparison';

/** One lane of each decoder, told of as the page asks for it (app/lanes/lane-config.ts). */
const lanes = ['iterative', 'clipcap', 'capdec', 'decap', 'coca'].map((decoder) => ({
  id: decoder,
  decoder,
  options: { cosineTrace: true, insight: true, ...(decoder === 'capdec' ? { noisySamples: 3 } : {}) },
}));

/**
 * The sample picture, captioned by the studio at `address` with its own engine, as its export (JSON). Made once for a
 * worker's tests: those that only look at a finished comparison reopen it (`reopenSample`) and spare its decoding.
 */
export async function recordSample(address: string): Promise<Buffer> {
  const asker = await request.newContext({ baseURL: address });
  try {
    await asker.get('/'); // who asks is an owner from here on
    const { id } = await call<{ id: string }>(asker, 'comparison.create', { input: { kind: 'sample' }, lanes });
    // Listened to until its end, since what nobody listens to is cancelled.
    const input = encodeURIComponent(JSON.stringify(superjson.serialize({ id })));
    await asker.get(`/api/trpc/comparison.events?input=${input}`, { timeout: 110_000 });
    const { status } = await result<ComparisonView>(await asker.get(`/api/trpc/comparison.get?input=${input}`));
    if (status !== 'finished') throw new Error(`The sample's comparison ended as ${status}.`);
    return await (await asker.post('/api/export', { data: { ids: [id], format: 'json' } })).body();
  } finally {
    await asker.dispose();
  }
}

/** Opens the recorded comparison in the history of the page's own owner, where it is imported. */
export async function reopenSample(page: Page, recorded: Buffer): Promise<void> {
  await page.request.get('/');
  const answer = await page.request.post('/api/import', { data: recorded });
  expect(answer.ok(), await answer.text()).toBe(true);
  const { comparisons } = (await answer.json()) as { comparisons: { id: string }[] };
  await page.goto(`/c/${comparisons[0]!.id}`);
  await expect(page.locator('[data-testid^=lane-][data-status=done]')).toHaveCount(5);
}

const call = async <T>(asker: APIRequestContext, procedure: string, input: unknown) =>
  result<T>(await asker.post(`/api/trpc/${procedure}`, { data: superjson.serialize(input) }));
async function result<T>(answer: { json(): Promise<unknown>; text(): Promise<string> }): Promise<T> {
  const body = (await answer.json()) as { result?: { data: never } };
  if (!body.result) throw new Error(await answer.text());
  return superjson.deserialize<T>(body.result.data);
}
