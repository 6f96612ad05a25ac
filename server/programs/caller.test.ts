import { describe, expect, it } from 'vitest';
import type { ProgramGuide } from '../../kept/programs';
import { createProgramKey, listProgramKeys, revokeProgramKey } from '../owners/program-keys';
import { localOwner } from '../owners/signing';
import { operations } from './operations';
import { programStudio, servePrograms } from './test-programs';

const { here, dataUrl, post, answered } = programStudio();

describe('keys of programs', () => {
  const proxied = { host: 'captions.example' };
  const bearer = (key: string) => ({ ...proxied, authorization: `Bearer ${key}` });
  const families = (headers: Record<string, string>) =>
    fetch(`${here.network.base}/api/v1/families`, { headers }).then(({ status }) => status);

  it('are needed where others may ask; what reads does not run; one that was revoked is none', async () => {
    const reads = await createProgramKey(here.studio.database, localOwner, { name: 'reader', scope: 'read' });
    const runs = await createProgramKey(here.studio.database, localOwner, { name: 'alt texts', scope: 'run' });
    expect(await families({})).toBe(401);
    expect(await families(bearer('sk-anything'))).toBe(401);
    expect(await families(bearer(reads.key))).toBe(200);
    const body = { image: { base64: dataUrl() }, lanes: [{ decoder: 'clipcap' }] };
    expect((await post('/api/v1/caption', body, bearer(reads.key), here.network.base)).status).toBe(403);
    expect((await post('/api/v1/caption', body, bearer(runs.key), here.network.base)).status).toBe(200);
    const kept = (await listProgramKeys(here.studio.database, localOwner)).filter(({ name }) => name !== 'search');
    expect(kept.map(({ name, scope, uses }) => ({ name, scope, uses }))).toEqual([
      { name: 'reader', scope: 'read', uses: 2 },
      { name: 'alt texts', scope: 'run', uses: 1 },
    ]);
    expect(JSON.stringify(await here.studio.database.programKey.findMany())).not.toContain(runs.key);
    await revokeProgramKey(here.studio.database, localOwner, reads.id);
    expect(await families(bearer(reads.key))).toBe(401);
    // Nor does it count on the loopback, where none is needed but one of ours is looked at.
    expect((await fetch(`${here.local.base}/api/v1/families`, { headers: bearer(reads.key) })).status).toBe(401);
    await expect(revokeProgramKey(here.studio.database, 'somebody else', runs.id)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('of another owner see nothing of the first', async () => {
    const other = await createProgramKey(here.studio.database, 'somebody-else-1234567', {
      name: 'other',
      scope: 'run',
    });
    const { id } = await answered('keepImage', await post('/api/v1/images', { image: { base64: dataUrl() } }));
    const asked = { image: { id }, lanes: [{ decoder: 'clipcap' }] };
    expect((await post('/api/v1/caption', asked, bearer(other.key), here.network.base)).status).toBe(404);
    expect((await post('/api/v1/embed', { image: { id } }, bearer(other.key), here.network.base)).status).toBe(404);
    await here.studio.images.forget(id, localOwner);
  });
});

describe('pages of other origins', () => {
  const from = (origin: string) => ({ origin, 'sec-fetch-site': 'cross-site' });

  it('may neither ask nor read, also where no key is needed', async () => {
    for (const path of ['/api/v1/families', '/v1/models', '/api/v1/openapi.json']) {
      const response = await fetch(`${here.local.base}${path}`, { headers: from('https://other.example') });
      expect([path, response.status]).toEqual([path, 403]);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    const posted = await post('/v1/chat/completions', {}, from('https://other.example'));
    expect(posted.status).toBe(403);
  });

  it('may where the studio names them', async () => {
    const named = await servePrograms(here.studio, {
      STUDIO_API_ORIGINS: 'https://plugin.example, http://localhost:5173',
    });
    const headers = from('https://plugin.example');
    const before = await fetch(`${named.base}/v1/chat/completions`, { method: 'OPTIONS', headers });
    expect(before.status).toBe(204);
    expect(before.headers.get('access-control-allow-headers')).toMatch('authorization');
    const models = await fetch(`${named.base}/v1/models`, { headers });
    expect(models.headers.get('access-control-allow-origin')).toBe('https://plugin.example');
    const embedded = await post('/api/v1/embed', { texts: ['a dog'] }, headers, named.base);
    expect(embedded.status).toBe(200);
    expect((await fetch(`${named.base}/v1/models`, { headers: from('https://other.example') })).status).toBe(403);
    await named.close();
  });
});

describe('the document', () => {
  it('has all operations with schemas of what goes in and comes out', async () => {
    const response = await fetch(`${here.local.base}/api/v1/openapi.json`);
    const document = (await response.json()) as { openapi: string } & ProgramGuide['document'];
    expect(document.openapi).toBe('3.1.0');
    for (const { path, method, body, id } of operations) {
      const described = document.paths[path]![method.toLowerCase()]!;
      expect(described.operationId).toBe(id);
      expect(described.responses[200].content['application/json']!.schema!.type).toBe('object');
      if (body) expect(described.requestBody!.content['application/json']!.schema.type).toBe('object');
    }
  });

  it('says where there is nothing, and what an address takes', async () => {
    const nothing = await fetch(`${here.local.base}/api/v1/nothing`);
    expect(nothing.status).toBe(404);
    const wrong = await fetch(`${here.local.base}/api/v1/caption`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });
});
