import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { readEnv } from '../env/env';
import { refusal, refuse } from '../http/front-door';
import type { Studio } from '../studio/studio';
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
