import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { afterAll, beforeAll, expect } from 'vitest';
import { catalogue } from '../comparisons/catalogue';
import { keepSample } from '../comparisons/sample';
import { openEngine } from '../engine/host';
import { readEnv } from '../env/env';
import { refusal, refuse } from '../http/front-door';
import { Studio } from '../studio/studio';
import { noModels, scratchFolder } from '../studio/test-studio';
import { operations } from './operations';
import { serveProgram } from './serve';

/** For tests: the API for programs over HTTP, behind the door that every request comes through. */
export async function servePrograms(studio: Studio, environment: Record<string, string> = {}) {
  const settings = readEnv(environment);
  const server: Server = createServer((request, answer) => {
    const refused = refusal(request, settings);
    if (refused) return refuse(refused, request, answer);
    void respond(request, answer, (asked) => serveProgram(asked, async () => studio, settings));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As Next does it: a request whose signal fires when the connection is gone, an answer that waits for its reader. */
async function respond(
  request: IncomingMessage,
  answer: ServerResponse,
  serve: (request: Request) => Promise<Response>,
): Promise<void> {
  const gone = new AbortController();
  answer.once('close', () => gone.abort());
  const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[name, value]] : [],
  );
  const hasBody = request.method === 'POST';
  const response = await serve(
    new Request(`http://${request.headers.host}${request.url}`, {
      method: request.method,
      headers,
      signal: gone.signal,
      ...(hasBody ? { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' } : {}),
    } as RequestInit),
  );
  answer.writeHead(response.status, Object.fromEntries(response.headers));
  const reader = response.body?.getReader();
  answer.once('close', () => void reader?.cancel().catch(() => undefined));
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done || answer.destroyed) break;
    if (!answer.write(value)) await new Promise((resolve) => answer.once('drain', resolve).once('close', resolve));
  }
  answer.end();
}

/**
 * For tests: the embedded family in its worker thread, the queue and the database, asked as programs ask, on the
 * machine's own loopback and as a studio that is open to others. All is there once the tests run.
 */
export function programStudio() {
  const scratch = scratchFolder();
  const here = {} as {
    studio: Studio;
    photo: Buffer;
    local: Awaited<ReturnType<typeof servePrograms>>;
    network: Awaited<ReturnType<typeof servePrograms>>;
  };
  beforeAll(async () => {
    here.studio = await Studio.open(readEnv({ DATABASE_URL: scratch.url, STUDIO_RUNNING: '2', STUDIO_WAITING: '4' }), {
      openEngine: () => openEngine({ device: 'cpu' }),
      catalogue: catalogue(),
      sampleImage: keepSample,
      limits: { uploadBytes: 25 * 1024 ** 2, pixels: 50_000_000, lanes: 16 },
      models: noModels,
    });
    here.photo = await sharp(Buffer.from(drawing)).png().toBuffer();
    here.local = await servePrograms(here.studio);
    here.network = await servePrograms(here.studio, { HOST: '0.0.0.0', STUDIO_ORIGIN: 'https://captions.example' });
  });
  afterAll(async () => {
    await Promise.all([here.local.close(), here.network.close()]);
    await here.studio.close();
    scratch.remove();
  });
  const dataUrl = () => `data:image/png;base64,${here.photo.toString('base64')}`;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}, base = here.local.base) =>
    fetch(`${base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  /** What the document says of an answer holds for it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- checked by the schema
  async function answered(id: string, response: Response): Promise<any> {
    expect(response.status).toBe(200);
    return operations.find((it) => it.id === id)!.answer.parse(await response.json());
  }
  /** Nothing of what was asked stays, be it answered, refused or left. */
  const nothingStays = async () => {
    expect(await here.studio.database.comparison.count()).toBe(0);
    expect(await here.studio.database.image.count({ where: { ownerId: { not: 'studio' } } })).toBe(0);
  };
  return { here, dataUrl, post, answered, nothingStays };
}

/** Brown on green under blue. */
const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240"><rect width="320" height="120" fill="#8ec5f0"/>' +
  '<rect y="120" width="320" height="120" fill="#4c8b3b"/><ellipse cx="160" cy="150" rx="60" ry="30" fill="#6b4423"/></svg>';
