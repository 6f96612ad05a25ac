import { createServer, request as ask, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readEnv } from '../env/env';
import { demandHttps } from '../http/strict-transport';
import { scriptedEngine } from '../comparisons/scripted-engine';
import { openTestStudio, scratchFolder } from '../studio/test-studio';
import type { Studio } from '../studio/studio';
import { uploadDoor } from '../studio/upload-door';
import { recordPeers } from './client-address';

const here = 'https://captions.example';
const scratch = scratchFolder();
const settings = readEnv({ DATABASE_URL: scratch.url, STUDIO_ORIGIN: here, STUDIO_TRUST_PROXY: '1' });
let studio: Studio, upstream: Server, proxy: Server;
const port = (server: Server) => (server.address() as AddressInfo).port;
const listening = async (server: Server) => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

beforeAll(async () => {
  recordPeers(true);
  demandHttps(settings.STUDIO_ORIGIN);
  studio = await openTestStudio(scratch.url, scriptedEngine(1), { STUDIO_CLIENT_UPLOADS_PER_MINUTE: 1 });
  upstream = await listening(
    createServer((message, answer) => {
      const request = new Request(`http://${message.headers.host}${message.url}`, {
        method: 'POST',
        headers: message.headers as Record<string, string>,
        body: Readable.toWeb(message) as ReadableStream,
        duplex: 'half',
      } as RequestInit);
      void uploadDoor(
        request,
        async () => studio,
        async (owner) => ({ owner }),
        settings,
      ).then(async (response) => {
        answer.writeHead(response.status, Object.fromEntries(response.headers));
        answer.end(await response.text());
      });
    }),
  );
  // As nginx does by default: the upstream's name as Host; what it adds to X-Forwarded-For stands last.
  proxy = await listening(
    createServer((message, answer) => {
      const { 'x-forwarded-for': before, 'x-visitor': visitor, ...headers } = message.headers;
      const forwarded = [before, visitor].filter(Boolean).join(', ');
      const onward = ask(
        {
          port: port(upstream),
          path: message.url,
          method: message.method,
          headers: {
            ...headers,
            host: `127.0.0.1:${port(upstream)}`,
            'x-forwarded-for': forwarded,
            'x-forwarded-proto': 'https',
          },
        },
        (back) => {
          answer.writeHead(back.statusCode!, back.headers);
          back.pipe(answer);
        },
      );
      message.pipe(onward);
    }),
  );
});
afterAll(async () => {
  for (const server of [proxy, upstream]) await new Promise((resolve) => server.close(resolve));
  await studio.close();
  scratch.remove();
});

/** A browser at the public origin; `visitor` is the address from which it reaches the proxy. */
async function send(visitor: string, headers: Record<string, string> = {}) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    ask(
      {
        port: port(proxy),
        path: '/api/images',
        method: 'POST',
        headers: { host: 'captions.example', origin: here, 'x-visitor': visitor, ...headers },
      },
      resolve,
    )
      .on('error', reject)
      .end('x'),
  );
  const body = (await new Response(Readable.toWeb(answer) as ReadableStream).json()) as { owner?: string };
  return { status: answer.statusCode, headers: answer.headers, owner: body.owner };
}

it('a page of the public origin may change things behind a proxy that rewrites Host, each browser for itself', async () => {
  const first = await send('203.0.113.1');
  expect(first.status).toBe(201);
  expect(first.owner).not.toBe('local');
  expect(first.headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
  expect(first.headers['strict-transport-security']).toMatch(/^max-age=\d+$/);
  expect((await send('203.0.113.2', { origin: 'https://evil.example' })).status).toBe(403);
});

it('limits are those of the address that the proxy saw, not of the proxy nor of what the client claims', async () => {
  expect((await send('203.0.113.3')).status).toBe(201);
  expect((await send('203.0.113.4')).status).toBe(201);
  expect((await send('203.0.113.4', { 'x-forwarded-for': '198.51.100.9' })).status).toBe(503);
});
