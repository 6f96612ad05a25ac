import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scriptedEngine } from '../comparisons/scripted-engine';
import type { Studio } from './studio';
import { openTestStudio, scratchFolder } from './test-studio';
import { readEnv } from '../env/env';
import { uploadDoor } from './upload-door';

const scratch = scratchFolder();
let studio: Studio;
beforeAll(async () => {
  studio = await openTestStudio(scratch.url, scriptedEngine(1), { STUDIO_CLIENT_UPLOADS_PER_MINUTE: 2 });
});
afterAll(async () => {
  await studio.close();
  scratch.remove();
});

const settings = readEnv({ DATABASE_URL: scratch.url, HOST: '0.0.0.0' });
const send = (headers: Record<string, string> = {}, from = studio) => {
  const owners: string[] = [];
  const request = new Request('http://studio.lan:3000/api/images', {
    method: 'POST',
    body: 'x',
    headers: { host: 'studio.lan:3000', ...headers },
  });
  const answer = uploadDoor(
    request,
    async () => from,
    async (owner) => owners.push(owner),
    settings,
  );
  return answer.then(async (response) => ({
    status: response.status,
    body: (await response.json()) as { error?: { code: string; message: string } },
    cookie: response.headers.get('set-cookie'),
    owners,
  }));
};

describe('the door of what comes in', () => {
  it('lets nothing of another origin in', async () => {
    const { status, body, owners } = await send({ origin: 'http://evil.example', 'x-caption-studio-peer': '10.0.0.1' });
    expect([status, body.error?.code, owners]).toEqual([403, 'forbidden', []]);
  });

  it('makes who comes for the first time an owner, and knows them again', async () => {
    const first = await send({ 'x-caption-studio-peer': '10.0.0.2' });
    expect([first.status, first.cookie]).toEqual([201, expect.stringMatching(/^caption-studio-owner=.*HttpOnly/)]);
    const again = await send({ 'x-caption-studio-peer': '10.0.0.2', cookie: first.cookie!.split(';')[0]! });
    expect([again.status, again.owners, again.cookie]).toEqual([201, first.owners, null]);
  });

  it('counts for the client, and says when to come again', async () => {
    const answers = [];
    for (let i = 0; i < 3; i++) answers.push(await send({ 'x-caption-studio-peer': '10.0.0.3' }));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 503]);
    expect([answers[2]!.body.error?.message, answers[2]!.owners]).toEqual([
      expect.stringMatching(/Try again in \d+ s/),
      [],
    ]);
  });

  it('keeps the disk within its limit', async () => {
    const full = await openTestStudio(scratch.url, scriptedEngine(1), { STUDIO_DISK_MB: 0.001 });
    const { status, body, owners } = await send({ 'x-caption-studio-peer': '10.0.0.4' }, full);
    await full.close();
    expect([status, body.error?.code, owners]).toEqual([507, 'storage-full', []]);
  });
});
