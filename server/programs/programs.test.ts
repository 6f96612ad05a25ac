import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProgramGuide } from '../../kept/programs';
import { writeNpy } from '../../models/files/npy';
import { catalogue } from '../comparisons/catalogue';
import { keepSample } from '../comparisons/sample';
import { openEngine } from '../engine/host';
import { readEnv } from '../env/env';
import { createProgramKey, listProgramKeys, revokeProgramKey } from '../owners/program-keys';
import { localOwner } from '../owners/signing';
import { Studio } from '../studio/studio';
import { noModels, scratchFolder } from '../studio/test-studio';
import { operations } from './operations';
import { servePrograms } from './test-programs';

// The embedded family in its worker thread, the queue and the database, asked as programs ask.
const scratch = scratchFolder();
const open = { HOST: '0.0.0.0', STUDIO_ORIGIN: 'https://captions.example' };
let studio: Studio;
let photo: Buffer;
let local: Awaited<ReturnType<typeof servePrograms>>;
let network: Awaited<ReturnType<typeof servePrograms>>;
beforeAll(async () => {
  studio = await Studio.open(readEnv({ DATABASE_URL: scratch.url, STUDIO_RUNNING: '2', STUDIO_WAITING: '4' }), {
    openEngine: () => openEngine({ device: 'cpu' }),
    catalogue: catalogue(),
    sampleImage: keepSample,
    limits: { uploadBytes: 25 * 1024 ** 2, pixels: 50_000_000, lanes: 16 },
    models: noModels,
  });
  photo = await sharp(
    Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="120" fill="#8ec5f0"/>' +
        '<rect y="120" width="320" height="120" fill="#4c8b3b"/><ellipse cx="160" cy="150" rx="60" ry="30" fill="#6b4423"/></svg>',
    ),
  )
    .png()
    .toBuffer();
  local = await servePrograms(studio);
  network = await servePrograms(studio, open);
});
afterAll(async () => {
  await Promise.all([local.close(), network.close()]);
  await studio.close();
  scratch.remove();
});

const dataUrl = () => `data:image/png;base64,${photo.toString('base64')}`;
const post = (path: string, body: unknown, headers: Record<string, string> = {}, base = local.base) =>
  fetch(`${base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const captionOf = (id: string) => operations.find((it) => it.id === id)!.answer;
/** What the document says of an answer holds for it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- checked by the schema
async function answered(id: string, response: Response): Promise<any> {
  expect(response.status).toBe(200);
  return captionOf(id).parse(await response.json());
}
/** Nothing of what was asked stays, be it answered, refused or left. */
const nothingStays = async () => {
  expect(await studio.database.comparison.count()).toBe(0);
  expect(await studio.database.image.count({ where: { ownerId: { not: 'studio' } } })).toBe(0);
};

describe('a caption for a program', () => {
  it('comes of base64, of a form and of the bytes alone, the same as on the page, and nothing stays', async () => {
    const lanes = [{ decoder: 'clipcap' }, { decoder: 'decap' }];
    const json = await answered('caption', await post('/api/v1/caption', { image: { base64: dataUrl() }, lanes }));
    expect(json).toMatchObject({ id: null, family: 'pocket' });
    expect(json.lanes.map(({ id }: { id: string }) => id)).toEqual(['clipcap', 'decap']);
    for (const lane of json.lanes) expect(lane.caption.split(' ').length).toBeGreaterThan(2);

    const form = new FormData();
    form.set('image', new Blob([new Uint8Array(photo)]), 'field.png');
    form.set('request', JSON.stringify({ lanes }));
    const byForm = await answered(
      'caption',
      await fetch(`${local.base}/api/v1/caption`, { method: 'POST', body: form }),
    );
    const bytes = { method: 'POST', headers: { 'content-type': 'image/png' }, body: new Uint8Array(photo) };
    const byBytes = await answered('caption', await fetch(`${local.base}/api/v1/caption`, bytes));
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
    expect(await studio.comparisons.get(twice[1].id)).toMatchObject({ status: 'finished', image: { id: image } });
    await studio.of(localOwner).forget(twice[1].id, { picture: true });
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
    expect((await fetch(`${local.base}/api/v1/families`)).status).toBe(200);
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
    expect(studio.comparisons.load()).toEqual({ running: 0, waiting: 0 });
    await studio.images.forget(id, localOwner);
    await nothingStays();
  });

  it('of a client that never reads its stream is over, and others are answered meanwhile', async () => {
    const body = JSON.stringify({ image: { base64: dataUrl() }, stream: true });
    const socket = connect(Number(new URL(local.base).port), '127.0.0.1');
    socket.pause();
    const head = ['POST /api/v1/caption HTTP/1.1', 'host: 127.0.0.1', 'content-type: application/json'];
    socket.write(`${[...head, `content-length: ${body.length}`].join('\r\n')}\r\n\r\n${body}`);
    await expect.poll(() => studio.comparisons.load().running, { timeout: 30_000 }).toBe(1);
    expect((await fetch(`${local.base}/api/v1/families`)).status).toBe(200);
    await expect.poll(() => studio.comparisons.load().running, { timeout: 30_000 }).toBe(0);
    socket.destroy();
    await expect.poll(() => studio.database.comparison.count(), { timeout: 30_000 }).toBe(0);
  });

  it('that nobody reads, or that is left in the middle, ends', async () => {
    for (const read of [0, 1]) {
      const left = new AbortController();
      const response = await fetch(`${local.base}/api/v1/caption`, {
        method: 'POST',
        signal: left.signal,
        headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ image: { base64: dataUrl() } }),
      });
      const reader = response.body!.getReader();
      if (read) await reader.read();
      left.abort();
    }
    await expect.poll(() => studio.comparisons.load(), { timeout: 30_000 }).toEqual({ running: 0, waiting: 0 });
    await expect.poll(() => studio.database.comparison.count(), { timeout: 30_000 }).toBe(0);
  });
});

describe('labels, vectors and collections', () => {
  const inFolder = async (work: (folder: string) => Promise<void>) => {
    const folder = mkdtempSync(join(tmpdir(), 'studio-programs-'));
    try {
      for (const [name, colour] of Object.entries({ grass: '#4c8b3b', sea: '#2a6fb0', snow: '#f2f5f8' }))
        await sharp({ create: { width: 320, height: 240, channels: 3, background: colour } })
          .png()
          .toFile(join(folder, `${name}.png`));
      await work(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
  const done = async (id: string) => {
    const card = async () =>
      (await answered('collection', await fetch(`${local.base}/api/v1/collections/${id}`))) as { status: string };
    await expect.poll(async () => (await card()).status, { timeout: 60_000 }).toBe('finished');
  };

  it('a picture has the likeliest of labels, by their templates or prompts of their own', async () => {
    const asked = { image: { base64: dataUrl() }, labels: ['a green field', 'a plate of food', 'a city at night'] };
    const plain = await answered('classify', await post('/api/v1/classify', asked));
    expect(plain.labels.map(({ label }: { label: string }) => label).sort()).toEqual([...asked.labels].sort());
    const sum = plain.labels.reduce((all: number, { probability }: { probability: number }) => all + probability, 0);
    expect(sum).toBeCloseTo(1, 9);
    const own = { ...asked, labels: { grass: ['grass', 'a green field'], food: ['a plate of food'] } };
    expect((await answered('classify', await post('/api/v1/classify', own))).labels).toHaveLength(2);
    for (const labels of [[], ['one'], ['twice', 'twice'], ['a', ' ']])
      expect((await post('/api/v1/classify', { ...asked, labels })).status).toBe(400);
    await nothingStays();
  });

  it('many vectors are decoded side by side as one by one', async () => {
    const texts = ['a dog runs on the grass', 'two men in a boat', 'a plate of food'];
    const { values } = await answered('embed', await post('/api/v1/embed', { texts }));
    const lanes = [{ decoder: 'decap' }, { decoder: 'coca' }];
    const asked = { rows: values as number[][], modality: 'text', lanes };
    const { rows } = await answered('decode', await post('/api/v1/decode', asked));
    expect(rows).toHaveLength(3);
    for (const [i, { captions }] of rows.entries()) {
      const vector = { values: asked.rows[i], modality: 'text' };
      const alone = await answered('caption', await post('/api/v1/caption', { embedding: vector, lanes }));
      expect(captions[0].caption).toBe(alone.lanes[0].caption);
      expect(captions[1].error.code).toBe('needs-image');
    }
    expect((await post('/api/v1/decode', { rows: [[1, 2]] })).status).toBe(400);
    const lost = [asked.rows[0], asked.rows[0]!.map(() => 0)];
    const zeros = await answered('decode', await post('/api/v1/decode', { ...asked, rows: lost }));
    expect(zeros.rows[0].captions[0].caption).toBe(rows[0].captions[0].caption);
    expect(zeros.rows[1].error ?? zeros.rows[1].captions[0].error).toMatchObject({
      code: expect.stringMatching(/^embedding/) as string,
    });
    await nothingStays();
  });

  it('vectors of a file are searched, on the machine’s own alone; a file that was written anew is read anew', () =>
    inFolder(async (folder) => {
      const vectors = join(folder, 'all.npy');
      const rows: Float32Array[] = [];
      for (const name of ['grass', 'sea', 'snow']) {
        const base64 = readFileSync(join(folder, `${name}.png`)).toString('base64');
        const { values } = await answered('embed', await post('/api/v1/embed', { image: { base64 } }));
        rows.push(Float32Array.from(values[0] as number[]));
      }
      writeFileSync(vectors, writeNpy(rows));
      const image = { base64: readFileSync(join(folder, 'sea.png')).toString('base64') };
      const found = await answered('search', await post('/api/v1/search', { vectors, image, top: 2 }));
      expect(found).toMatchObject({ rows: 3, hits: [{ row: 1 }, {}] });
      expect(found.hits[0].cosine).toBeCloseTo(1, 4);
      writeFileSync(vectors, writeNpy([rows[2]!, rows[1]!]));
      const again = await answered('search', await post('/api/v1/search', { vectors, embedding: [...rows[2]!] }));
      expect(again).toMatchObject({ rows: 2, hits: [{ row: 0 }, { row: 1 }] });

      for (const wrong of ['all.npy', folder, join(folder, 'none.npy'), '/dev/zero'])
        expect((await post('/api/v1/search', { vectors: wrong, text: 'a' })).status).toBe(400);
      expect((await post('/api/v1/search', { vectors, text: 'a', embedding: [1] })).status).toBe(400);
      expect((await post('/api/v1/search', { vectors, embedding: [1, 2] })).status).toBe(400);
      const { key } = await createProgramKey(studio.database, localOwner, { name: 'search', scope: 'run' });
      const headers = { authorization: `Bearer ${key}` };
      expect((await post('/api/v1/search', { vectors, text: 'a dog' }, headers, network.base)).status).toBe(403);
    }));

  it('a folder is captioned, followed, read as rows and as a file; not by who comes over the network', () =>
    inFolder(async (folder) => {
      const of = { kind: 'paths', paths: [folder] };
      const lanes = [{ id: 'clipcap', decoder: 'clipcap', options: { beam: 1 } }];
      const begun = await answered('startCollection', await post('/api/v1/collections', { of, lanes }));
      expect(begun).toMatchObject({ total: 3 });
      await done(begun.id);
      const rows = await answered(
        'collectionRows',
        await post(`/api/v1/collections/${begun.id}/rows`, { sort: { by: 'key', down: true } }),
      );
      expect(rows.rows.map(({ key }: { key: string }) => key)).toEqual(['snow.png', 'sea.png', 'grass.png']);
      const file = await (await fetch(`${local.base}/api/v1/collections/${begun.id}/export`)).text();
      expect(
        file
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).toHaveLength(3);
      const { collections } = await answered('listCollections', await fetch(`${local.base}/api/v1/collections`));
      expect(collections.map(({ id }: { id: string }) => id)).toContain(begun.id);

      expect((await post('/api/v1/collections', { of: { ...of, paths: ['/nowhere'] }, lanes })).status).toBe(400);
      const { key } = await createProgramKey(studio.database, 'somebody-else-1234567', { name: 'other', scope: 'run' });
      const headers = { authorization: `Bearer ${key}` };
      expect((await post('/api/v1/collections', { of, lanes }, headers, network.base)).status).toBe(403);
      const theirs = await fetch(`${network.base}/api/v1/collections/${begun.id}`, { headers });
      expect(theirs.status).toBe(404);
    }));
});

describe('OpenAI’s own client', () => {
  const client = (apiKey = 'sk-anything', base = local.base) =>
    new OpenAI({ apiKey, baseURL: `${base}/v1`, maxRetries: 0 });
  const messages = () => [
    {
      role: 'user' as const,
      content: [
        { type: 'text' as const, text: 'Describe this image for somebody who cannot see it.' },
        { type: 'image_url' as const, image_url: { url: dataUrl() } },
      ],
    },
  ];

  it('lists decoders as models and finds one', async () => {
    const models = await client().models.list();
    expect(models.data.map(({ id }) => id)).toContain('pocket/clipcap');
    expect(await client().models.retrieve('pocket/clipcap')).toMatchObject({ id: 'pocket/clipcap', object: 'model' });
  });

  it.each(['clipcap', 'capdec', 'decap', 'coca', 'iterative'])('has an image captioned by %s', async (decoder) => {
    const asked = { model: `pocket/${decoder}`, messages: messages(), max_tokens: 300, temperature: 0.7 };
    const whole = await client().chat.completions.create(asked);
    const { lanes } = await answered(
      'caption',
      await post('/api/v1/caption', { image: { base64: dataUrl() }, lanes: [{ decoder }] }),
    );
    expect(whole.choices[0]!.message.content).toBe(lanes[0].caption);
    expect(whole.choices[0]!.finish_reason).toBe('stop');
    expect(whole.usage!.completion_tokens).toBe(lanes[0].tokens.length);
    // The same as a stream, put together.
    const stream = await client().chat.completions.create({
      ...asked,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    let last;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      last = chunk;
    }
    expect(text).toBe(lanes[0].caption);
    expect(last!.usage).toEqual(whole.usage);
    await nothingStays();
  });

  it('streams a caption in parts, and every search to the caption that it has at the end', async () => {
    const searches = [
      { decoder: 'clipcap', options: { search: 'beam', beam: 1 } },
      { decoder: 'clipcap', options: { search: 'beam', beam: 5 } },
      { decoder: 'decap', options: { search: 'sample' } },
      { decoder: 'capdec', options: { search: 'magic' } },
      { decoder: 'capdec', options: { search: 'guided-beam' } },
    ];
    for (const { decoder, options } of searches) {
      const parts: string[] = [];
      const asked = { model: decoder, messages: messages(), options };
      const stream = await client().chat.completions.create({ ...asked, stream: true });
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) parts.push(chunk.choices[0].delta.content);
      const whole = await client().chat.completions.create(asked as never);
      expect(parts.join('')).toBe((whole as OpenAI.ChatCompletion).choices[0]!.message.content);
      if (options.beam === 1) expect(parts.length).toBeGreaterThan(2);
    }
  });

  it('is cut where it asks for fewer tokens, and is told so', async () => {
    const short = await client().chat.completions.create({ model: 'clipcap', messages: messages(), max_tokens: 3 });
    expect(short.choices[0]!.finish_reason).toBe('length');
    expect(short.usage!.completion_tokens).toBe(3);
  });

  it('embeds texts, in its own encoding of floats too', async () => {
    const input = ['a dog on grass', 'a plate of food'];
    const encoded = await client().embeddings.create({ model: 'pocket', input });
    const plain = await client().embeddings.create({ model: 'pocket', input, encoding_format: 'float' });
    const { values, dim } = await answered('embed', await post('/api/v1/embed', { texts: input }));
    for (const [i, row] of values.entries()) {
      expect(row).toHaveLength(dim);
      expect(plain.data[i]!.embedding).toEqual(row);
      expect(encoded.data[i]!.embedding).toEqual(row);
    }
  });

  it('is told what it did wrong in its own errors', async () => {
    const wrong = async (asked: object, ask = client()) =>
      ask.chat.completions.create(asked as never).then(
        () => undefined,
        (error: InstanceType<typeof OpenAI.APIError>) => error,
      );
    expect(await wrong({ model: 'gpt-4o', messages: messages() })).toBeInstanceOf(OpenAI.NotFoundError);
    const blind = await wrong({ model: 'clipcap', messages: [{ role: 'user', content: 'hello' }] });
    expect(blind).toBeInstanceOf(OpenAI.BadRequestError);
    expect(blind!.message).toMatch(/No message holds an image/);
    const stranger = await wrong({ model: 'clipcap', messages: messages() }, client('sk-anything', network.base));
    expect(stranger).toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

describe('keys of programs', () => {
  const proxied = { host: 'captions.example' };
  const bearer = (key: string) => ({ ...proxied, authorization: `Bearer ${key}` });
  const families = (headers: Record<string, string>) =>
    fetch(`${network.base}/api/v1/families`, { headers }).then(({ status }) => status);

  it('are needed where others may ask; what reads does not run; one that was revoked is none', async () => {
    const reads = await createProgramKey(studio.database, localOwner, { name: 'reader', scope: 'read' });
    const runs = await createProgramKey(studio.database, localOwner, { name: 'alt texts', scope: 'run' });
    expect(await families({})).toBe(401);
    expect(await families(bearer('sk-anything'))).toBe(401);
    expect(await families(bearer(reads.key))).toBe(200);
    const body = { image: { base64: dataUrl() }, lanes: [{ decoder: 'clipcap' }] };
    expect((await post('/api/v1/caption', body, bearer(reads.key), network.base)).status).toBe(403);
    expect((await post('/api/v1/caption', body, bearer(runs.key), network.base)).status).toBe(200);
    const kept = (await listProgramKeys(studio.database, localOwner)).filter(({ name }) => name !== 'search');
    expect(kept.map(({ name, scope, uses }) => ({ name, scope, uses }))).toEqual([
      { name: 'reader', scope: 'read', uses: 2 },
      { name: 'alt texts', scope: 'run', uses: 1 },
    ]);
    expect(JSON.stringify(await studio.database.programKey.findMany())).not.toContain(runs.key);
    await revokeProgramKey(studio.database, localOwner, reads.id);
    expect(await families(bearer(reads.key))).toBe(401);
    // Nor does it count on the loopback, where none is needed but one of ours is looked at.
    expect((await fetch(`${local.base}/api/v1/families`, { headers: bearer(reads.key) })).status).toBe(401);
    await expect(revokeProgramKey(studio.database, 'somebody else', runs.id)).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('of another owner see nothing of the first', async () => {
    const other = await createProgramKey(studio.database, 'somebody-else-1234567', { name: 'other', scope: 'run' });
    const { id } = await answered('keepImage', await post('/api/v1/images', { image: { base64: dataUrl() } }));
    const asked = { image: { id }, lanes: [{ decoder: 'clipcap' }] };
    expect((await post('/api/v1/caption', asked, bearer(other.key), network.base)).status).toBe(404);
    expect((await post('/api/v1/embed', { image: { id } }, bearer(other.key), network.base)).status).toBe(404);
    await studio.images.forget(id, localOwner);
  });
});

describe('pages of other origins', () => {
  const from = (origin: string) => ({ origin, 'sec-fetch-site': 'cross-site' });

  it('may neither ask nor read, also where no key is needed', async () => {
    for (const path of ['/api/v1/families', '/v1/models', '/api/v1/openapi.json']) {
      const response = await fetch(`${local.base}${path}`, { headers: from('https://other.example') });
      expect([path, response.status]).toEqual([path, 403]);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    const posted = await post('/v1/chat/completions', {}, from('https://other.example'));
    expect(posted.status).toBe(403);
  });

  it('may where the studio names them', async () => {
    const named = await servePrograms(studio, { STUDIO_API_ORIGINS: 'https://plugin.example, http://localhost:5173' });
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
    const response = await fetch(`${local.base}/api/v1/openapi.json`);
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
    const nothing = await fetch(`${local.base}/api/v1/nothing`);
    expect(nothing.status).toBe(404);
    const wrong = await fetch(`${local.base}/api/v1/caption`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

/** From 7.82 on it has `--json`. */
const hasCurl = (() => {
  const { stdout } = spawnSync('curl', ['--version'], { encoding: 'utf8' });
  const [, major = 0, minor = 0] = /^curl (\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return Number(major) * 100 + Number(minor) >= 782;
})();
describe.skipIf(!hasCurl)('curl', () => {
  const docs = readFileSync(new URL('../../docs/programs.md', import.meta.url), 'utf8');
  const ofDocs = [...docs.matchAll(/```sh\n([^`]+)```/g)].flatMap(([, lines]) => lines!.trim().split('\n'));
  const lines = [...new Set([...ofDocs, ...operations.map(({ example }) => example)])];

  let vector: Float32Array;
  let collection: string;
  let pictures: string;
  afterAll(() => rmSync(pictures, { recursive: true, force: true }));
  beforeAll(async () => {
    const { values } = await answered('embed', await post('/api/v1/embed', { texts: ['a dog'] }));
    vector = Float32Array.from(values[0] as number[]);
    const lanes = [{ id: 'clipcap', decoder: 'clipcap' }];
    pictures = mkdtempSync(join(tmpdir(), 'studio-curl-'));
    writeFileSync(join(pictures, 'photo.png'), photo);
    const of = { kind: 'paths', paths: [pictures] };
    collection = (await answered('startCollection', await post('/api/v1/collections', { of, lanes }))).id;
  });

  it.each(lines)('answers: %s', async (line) => {
    const folder = mkdtempSync(join(tmpdir(), 'studio-curl-'));
    try {
      writeFileSync(join(folder, 'photo.jpg'), await sharp(photo).jpeg().toBuffer());
      writeFileSync(join(folder, 'photos.npy'), writeNpy([vector, vector]));
      const env = { ...process.env, STUDIO: local.base, COLLECTION: collection };
      const { stdout } = await promisify(execFile)('sh', ['-c', line], { cwd: folder, env, maxBuffer: 1e8 });
      const answer = line.includes('"stream": true') ? stdout.split('event: answer\ndata: ')[1]! : stdout;
      const parsed = JSON.parse(answer) as Record<string, unknown>;
      expect(parsed.error ?? null).toBeNull();
      expect(Object.keys(parsed).length).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
