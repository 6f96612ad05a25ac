import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../models/manifest';
import { familyManifest, weightFile } from './weight-file';

const { files } = parseManifest(await readFile('models/pocket/manifest.json'), 'pocket');
const ask = (hash: string, headers: Record<string, string> = {}, query = '') =>
  weightFile(hash, new Request(`http://studio/api/weights/${hash}${query}`, { headers }));
const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const body = async (response: Response) => new Uint8Array(await response.arrayBuffer());

describe('weight files by their hash', () => {
  it('sends a whole file, never to change', async () => {
    const { sha256, bytes } = files.decap!;
    const response = await ask(sha256);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('content-length')).toBe(String(bytes));
    expect(sha(await body(response))).toBe(sha256);
  });

  it('sends the rest from a byte on, and says when there is none', async () => {
    const { sha256, bytes, path } = files.tokenizer!;
    const response = await ask(sha256, { range: 'bytes=1000-' });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes 1000-${bytes - 1}/${bytes}`);
    expect(await body(response)).toEqual(new Uint8Array(await readFile(`models/pocket/${path}`)).slice(1000));
    expect((await ask(sha256, { range: `bytes=${bytes}-` })).status).toBe(416);
  });

  it('sends text as a gzip stream when asked', async () => {
    const { sha256, bytes } = files.tokenizer!;
    const squeezed = await body(await ask(sha256, {}, '?gzip'));
    expect(squeezed.byteLength).toBeLessThan(bytes / 3);
    expect(sha(gunzipSync(squeezed))).toBe(sha256);
  });

  it('goes on when a visitor leaves in the middle', async () => {
    const reader = (await ask(files.joint!.sha256)).body!.getReader();
    await reader.read();
    await reader.cancel();
    expect(sha(await body(await ask(files.lm!.sha256)))).toBe(files.lm!.sha256);
  });

  it('names what it does not have', async () => {
    await expect(ask('0'.repeat(64))).rejects.toMatchObject({ code: 'not-found' });
    await expect(familyManifest('nosuch')).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('pocket') as string,
    });
    await expect(familyManifest('../prisma')).rejects.toMatchObject({ code: 'not-found' });
  });
});
