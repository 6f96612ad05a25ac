import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { localOwner } from '../owners/signing';
import { programStudio } from './test-programs';

const { here, dataUrl, post, answered, nothingStays } = programStudio();

describe('a caption for a program', () => {
  it('comes of base64, of a form and of the bytes alone, the same as on the page, and nothing stays', async () => {
    const lanes = [{ decoder: 'clipcap' }, { decoder: 'decap' }];
    const json = await answered('caption', await post('/api/v1/caption', { image: { base64: dataUrl() }, lanes }));
    expect(json).toMatchObject({ id: null, family: 'pocket' });
    expect(json.lanes.map(({ id }: { id: string }) => id)).toEqual(['clipcap', 'decap']);
    for (const lane of json.lanes) expect(lane.caption.split(' ').length).toBeGreaterThan(2);

    const form = new FormData();
    form.set('image', new Blob([new Uint8Array(here.photo)]), 'field.png');
    form.set('request', JSON.stringify({ lanes }));
    const byForm = await answered(
      'caption',
      await fetch(`${here.local.base}/api/v1/caption`, { method: 'POST', body: form }),
    );
    const bytes = { method: 'POST', headers: { 'content-type': 'image/png' }, body: new Uint8Array(here.photo) };
    const byBytes = await answered('caption', await fetch(`${here.local.base}/api/v1/caption`, bytes));
    const said = (answer: typeof json) => answer.lanes.map((lane: { caption: string }) => lane.caption);
    expect(said(byForm)).toEqual(said(json));
    expect(said(byBytes)).toEqual(expect.arrayContaining(said(json)));
    expect(byBytes.lanes).toHaveLength(5);
    await nothingStays();
  });

  it('is kept where that is asked for, of a picture that was kept', async () => {
    const { id: image } = await answered('keepImage', await post('/api/v1/images', { image: { base64: dataUrl() } }));
    const lanes = [{ decoder: 'clipcap', options: { beam: 2 } }];
    const twice = [];
    for (const keep of [false, true])
      twice.push(await answered('caption', await post('/api/v1/caption', { image: { id: image }, lanes, keep })));
    expect(twice[0].lanes[0].caption).toBe(twice[1].lanes[0].caption);
    expect(await here.studio.comparisons.get(twice[1].id)).toMatchObject({ status: 'finished', image: { id: image } });
    await here.studio.of(localOwner).forget(twice[1].id, { picture: true });
    await nothingStays();
  });

  it('streams the studio’s events, and the answer last', async () => {
    const response = await post('/api/v1/caption', {
      image: { base64: dataUrl() },
      lanes: [{ decoder: 'clipcap' }],
      stream: true,
    });
    expect(response.headers.get('content-type')).toMatch('text/event-stream');
    const names = [...(await response.text()).matchAll(/^event: (.*)$/gm)].map(([, name]) => name);
    expect(names.slice(0, 1)).toEqual(['comparison-started']);
    expect(names).toContain('step');
    expect(names.at(-1)).toBe('answer');
    await nothingStays();
  });

  it('of a vector is decoded; a lane that needs the photo fails alone', async () => {
    const [{ values }] = [await answered('embed', await post('/api/v1/embed', { image: { base64: dataUrl() } }))] as [
      { values: number[][] },
    ];
    const lanes = [{ decoder: 'decap' }, { decoder: 'coca' }];
    const json = await answered('caption', await post('/api/v1/caption', { embedding: { values: values[0] }, lanes }));
    expect(json.lanes[0].caption).toMatch(/\w+ \w+/);
    expect(json.lanes[1].error.code).toBe('needs-image');
    await nothingStays();
  });

  it.each([
    ['no input', {}, 400, /either an image or an embedding/],
    ['two inputs', { image: { base64: 'AAAA' }, embedding: { values: [1] } }, 400, /either an image or an embedding/],
    ['no JSON', '{"image":', 400, /not JSON/],
    ['no base64', { image: { base64: '<svg>' } }, 400, /not base64/],
    ['no picture', { image: { base64: 'AAAA' } }, 415, /./],
    ['a field that nobody knows', { image: { base64: 'AAAA' }, prompt: 'x' }, 400, /prompt/],
    ['a decoder that is not there', { image: { id: 'x' }, lanes: [{ decoder: 'gpt' }] }, 400, /gpt/],
    ['a picture that is not there', { image: { id: 'x' } }, 404, /picture/],
    ['too few values', { embedding: { values: [1, 2] } }, 400, /./],
  ])('%s is refused in words', async (_, body, status, words) => {
    const response = await post('/api/v1/caption', body);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toMatch(words);
    expect(response.status).toBe(status);
    await nothingStays();
  });

  it('of a body of 100 MB is refused before it is read', async () => {
    const response = await post('/api/v1/caption', 'x'.repeat(100 * 1024 ** 2)).catch(() => undefined);
    // The server may close the connection while the rest is still being sent.
    if (response) expect(response.status).toBe(413);
    expect((await fetch(`${here.local.base}/api/v1/families`)).status).toBe(200);
  });

  it('many at once are answered or told to come again, and all are over', async () => {
    const lanes = [{ decoder: 'clipcap', options: { beam: 1, maxTokens: 4 } }];
    const { id } = await answered('keepImage', await post('/api/v1/images', { image: { base64: dataUrl() } }));
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const response = await post('/api/v1/caption', { image: { id }, lanes });
        if (response.status === 503) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
        await response.text();
        return response.status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([200, 503]));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(6);
    expect(here.studio.comparisons.load()).toEqual({ running: 0, waiting: 0 });
    await here.studio.images.forget(id, localOwner);
    await nothingStays();
  });

  it('of a client that never reads its stream is over, and others are answered meanwhile', async () => {
    const body = JSON.stringify({ image: { base64: dataUrl() }, stream: true });
    const socket = connect(Number(new URL(here.local.base).port), '127.0.0.1');
    socket.pause();
    const head = ['POST /api/v1/caption HTTP/1.1', 'host: 127.0.0.1', 'content-type: application/json'];
    socket.write(`${[...head, `content-length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`);
    await expect.poll(() => here.studio.comparisons.load().running, { timeout: 30_000 }).toBe(1);
    expect((await fetch(`${here.local.base}/api/v1/families`)).status).toBe(200);
    await expect.poll(() => here.studio.comparisons.load().running, { timeout: 30_000 }).toBe(0);
    socket.destroy();
    await expect.poll(() => here.studio.database.comparison.count(), { timeout: 30_000 }).toBe(0);
  });

  it('that nobody reads, or that is left in the middle, ends', async () => {
    for (const read of [0, 1]) {
      const left = new AbortController();
      const response = await fetch(`${here.local.base}/api/v1/caption`, {
        method: 'POST',
        signal: left.signal,
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ image: { base64: dataUrl() } }),
      });
      const reader = response.body!.getReader();
      if (read) await reader.read();
      left.abort();
    }
    await expect.poll(() => here.studio.comparisons.load(), { timeout: 30_000 }).toEqual({ running: 0, waiting: 0 });
    await expect.poll(() => here.studio.database.comparison.count(), { timeout: 30_000 }).toBe(0);
  });
});
