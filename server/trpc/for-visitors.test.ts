import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { StudioError } from '../../models/errors';
import type { Engine } from '../comparisons/engine';
import { scriptedEngine } from '../comparisons/scripted-engine';
import { createShare } from '../history/shares';
import { errorResponse } from '../http/error-response';
import { readEnv } from '../env/env';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import { serveRouter, testBrowser } from './test-http';

const path = '/srv/the studio/families/own/decoder.safetensors';
const fault = new StudioError('weights-corrupt', `${path} was changed. Restore ${path}.`);
/** One lane fails, then all of it, each with a path in its words; so does the device. */
const engine: Engine = {
  ...scriptedEngine(1),
  async *compare(request) {
    yield { type: 'lane-failed', lane: request.lanes[0]!.id, error: fault.toData() };
    throw fault;
  },
  devices: async () => [{ name: 'cpu', available: false, reason: fault.message }],
};

const scratch = scratchFolder();
const log = vi.spyOn(console, 'error').mockImplementation(() => {});
beforeAll(() => log.mockClear());
afterAll(() => {
  log.mockRestore();
  scratch.remove();
});

/** All that a browser is told of such faults. */
async function everythingTold(settings: Record<string, string>): Promise<string> {
  const given = { DATABASE_URL: scratch.url, STUDIO_INSTALLED_DIR: '/srv/the studio/families', ...settings };
  const studio = await openTestStudio(scratch.url, engine, readEnv(given));
  const http = await serveRouter(studio, given);
  const { client, fetch: browse } = testBrowser(http.base);
  const told: unknown[] = [await client.studio.info.query()];
  const { id } = await client.comparison.create.mutate({ input: { kind: 'sample' }, lanes: [{ decoder: 'clipcap' }] });
  const input = encodeURIComponent(JSON.stringify({ json: { id } }));
  told.push(await (await browse(`${http.base}/comparison.events?input=${input}`)).text());
  await expect.poll(async () => (await client.comparison.get.query({ id })).status).toBe('failed');
  told.push(await client.comparison.get.query({ id }));
  vi.spyOn(studio, 'embedTexts').mockRejectedValue(fault);
  told.push(await client.studio.embedTexts.mutate({ family: 'pocket', texts: ['a'] }).catch(String));
  const owner = (await studio.database.comparison.findUniqueOrThrow({ where: { id } })).ownerId;
  const { path: link } = await createShare(studio.database, owner, id);
  told.push(await client.share.view.query({ token: link.slice('/s/'.length) }));
  told.push(await errorResponse(fault, readEnv(given)).text());
  await http.close();
  await studio.close();
  return JSON.stringify(told);
}

describe('where the folders of the server lie', () => {
  it('is told to the machine’s own person', async () => {
    expect((await everythingTold({})).split(path).length).toBeGreaterThan(8);
  });

  it.each<Record<string, string>>([{ STUDIO_OWNERS: 'browser' }, { HOST: '0.0.0.0', STUDIO_OWNERS: 'local' }])(
    'is not told to others, by no answer, and stays in the log (%j)',
    async (settings) => {
      const told = await everythingTold(settings);
      expect(told).not.toMatch(/srv|the studio\//);
      expect(told).toContain('decoder.safetensors was changed');
      expect(log.mock.calls.flat().join('\n')).toContain(path);
    },
  );
});
