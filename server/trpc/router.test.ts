import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClientError } from '@trpc/client';
import superjson from 'superjson';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { scriptedEngine } from '../comparisons/scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import type { AppRouter } from './router';
import { serveRouter, type TestHttp } from './test-http';
import type { StreamItem } from '../../kept/comparison';

const scratch = scratchFolder();
const engine = scriptedEngine(40);
let studio: Studio;
let http: TestHttp;
let base: string;
beforeAll(async () => {
  studio = await openTestStudio(scratch.url, engine, { STUDIO_RUNNING: 1, STUDIO_WAITING: 1, STUDIO_GRACE_MS: 80 });
  http = await serveRouter(studio);
  base = http.base;
});
afterAll(async () => {
  await http.close();
  await studio.close();
  scratch.remove();
});
afterEach(async () => {
  for (const { id } of await studio.database.comparison.findMany({ where: { status: { in: ['queued', 'running'] } } }))
    await studio.comparisons.cancel(id);
});

/** Server-sent events over fetch: Node 20 has no EventSource. Reads until the stream ends or `enough` says so. */
async function listen(id: string, options: { after?: string; enough?: (item: StreamItem) => boolean } = {}) {
  const input = encodeURIComponent(JSON.stringify(superjson.serialize({ id })));
  const response = await fetch(`${base}/comparison.events?input=${input}`, {
    headers: options.after === undefined ? {} : { 'last-event-id': options.after },
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  // Proxies hold nothing back and compress nothing.
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  expect(response.headers.get('cache-control')).toContain('no-transform');
  const got: { id: string; item: StreamItem }[] = [];
  let closedByServer = false;
  let buffer = '';
  const decoder = new TextDecoder();
  reading: for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    buffer += decoder.decode(chunk, { stream: true });
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const fields = Object.fromEntries(
        buffer
          .slice(0, end)
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
      );
      buffer = buffer.slice(end + 2);
      if (fields.event === 'return') closedByServer = true;
      if (fields.id === undefined || fields.id === '') continue;
      const item = superjson.deserialize<StreamItem>(JSON.parse(fields.data!));
      got.push({ id: fields.id, item });
      if (options.enough?.(item)) break reading; // ends the body, and with it the connection
    }
  }
  return { got, closedByServer };
}

const client = () =>
  createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url: base, transformer: superjson }),
        false: httpLink({ url: base, transformer: superjson }),
      }),
    ],
  });
const lanes = [{ decoder: 'clipcap' }, { decoder: 'capdec' }, { decoder: 'decap' }];
const sample = { kind: 'sample' } as const;

describe('the router over HTTP', () => {
  it('creates, streams under numbered ids, ends the stream, and shows the comparison', async () => {
    const { id } = await client().comparison.create.mutate({ input: sample, lanes });
    const { got, closedByServer } = await listen(id);
    expect(got.map((event) => event.id)).toEqual(got.map((_, i) => String(i)));
    expect(got.at(-1)!.item).toEqual({ kind: 'ended', status: 'finished' });
    expect(closedByServer).toBe(true);
    const view = await client().comparison.get.query({ id });
    expect(view.createdAt).toBeInstanceOf(Date);
    expect(view.items).toEqual(got.map((event) => event.item));
    expect(view.image!.url).toBe(`/api/images/${view.image!.id}`);
  });

  it('resumes after the last event id of a broken connection', async () => {
    const { id } = await client().comparison.create.mutate({ input: sample, lanes });
    const first = await listen(id, { enough: (item) => item.kind === 'event' && item.event.type === 'step' });
    const last = first.got.at(-1)!.id;
    const second = await listen(id, { after: last });
    expect(second.got[0]!.id).toBe(String(Number(last) + 1));
    expect(second.got.at(-1)!.item).toEqual({ kind: 'ended', status: 'finished' });
  });

  it('cancels the work when the connection is closed for good', async () => {
    const aborted = engine.aborted;
    const { id } = await client().comparison.create.mutate({
      input: sample,
      lanes: Array.from({ length: 12 }, (_, i) => ({ id: `lane${i}`, decoder: 'clipcap' })),
    });
    await listen(id, { enough: (item) => item.kind === 'event' && item.event.type === 'step' });
    await expect
      .poll(async () => (await client().comparison.get.query({ id })).status, { timeout: 3_000 })
      .toBe('cancelled');
    expect(engine.aborted).toBe(aborted + 1);
  });

  it('cancels on request', async () => {
    const { id } = await client().comparison.create.mutate({ input: sample, lanes });
    const view = await client().comparison.cancel.mutate({ id });
    expect(view.status).toBe('cancelled');
    expect(view.lanes.every((lane) => lane.status === 'cancelled')).toBe(true);
  });

  it('tells errors with the code and the words of the studio', async () => {
    const failure = (promise: Promise<unknown>) =>
      promise.then(
        () => undefined,
        (error: TRPCClientError<AppRouter>) => error.data,
      );
    expect(await failure(client().comparison.get.query({ id: 'nosuch' }))).toMatchObject({
      code: 'NOT_FOUND',
      httpStatus: 404,
      studio: { code: 'not-found' },
      path: expect.any(String),
    });
    expect(await failure(client().comparison.get.query({ id: '../../etc/passwd' }))).toMatchObject({
      code: 'BAD_REQUEST',
      studio: { code: 'option-invalid', message: expect.stringMatching(/^The request does not fit: id: /) as unknown },
    });
    const create = () => client().comparison.create.mutate({ input: sample, lanes });
    await create();
    await create();
    expect(await failure(create())).toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      httpStatus: 429,
      studio: { code: 'busy', message: expect.stringContaining('Try again') as unknown },
    });
    const tooMany = Array.from({ length: 17 }, () => ({ decoder: 'clipcap' }));
    expect(await failure(client().comparison.create.mutate({ input: sample, lanes: tooMany }))).toMatchObject({
      code: 'BAD_REQUEST',
    });
  });

  it('lists what the server offers', async () => {
    const info = await client().studio.info.query();
    expect(info.devices).toEqual([{ name: 'cpu', available: true }]);
    expect(info.limits).toMatchObject({ running: 1, waiting: 1, lanes: 16 });
  });
});
