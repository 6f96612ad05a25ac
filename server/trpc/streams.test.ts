import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import superjson from 'superjson';
import { scriptedEngine } from '../comparisons/scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import { serveRouter, type TestHttp } from './test-http';

const scratch = scratchFolder();
let studio: Studio;
let http: TestHttp;
beforeAll(async () => {
  studio = await openTestStudio(scratch.url, scriptedEngine(20), { STUDIO_WAITING: 100, STUDIO_GRACE_MS: 60_000 });
  http = await serveRouter(studio);
});
afterAll(async () => {
  await http.close();
  await studio.close();
  scratch.remove();
});

const descriptors = () => readdirSync('/proc/self/fd').length;

/** Follows a comparison until its first item has come, and cuts the connection. */
async function cut(id: string, after: number): Promise<void> {
  const input = encodeURIComponent(JSON.stringify(superjson.serialize({ id })));
  const cutting = new AbortController();
  const response = await fetch(`${http.base}/comparison.events?input=${input}`, {
    headers: { 'last-event-id': String(after) },
    signal: cutting.signal,
  });
  await response.body!.getReader().read();
  cutting.abort();
}

describe('500 streams that are cut and resumed', () => {
  it.runIf(process.platform === 'linux')('leave no descriptor open', async () => {
    const lanes = ['one', 'two', 'three'].map((id) => ({ id, decoder: 'clipcap' }));
    const before = descriptors();
    for (let comparison = 0; comparison < 10; comparison++) {
      const { id } = await studio.comparisons.create({ input: { kind: 'sample' }, lanes });
      for (let n = 0; n < 50; n += 10) await Promise.all(Array.from({ length: 10 }, (_, i) => cut(id, (n + i) % 5)));
      await studio.comparisons.ended(id);
    }
    // A few connections are kept for what comes next.
    await expect.poll(descriptors, { timeout: 20_000 }).toBeLessThanOrEqual(before + 12);
  });
});
