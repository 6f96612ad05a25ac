import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { createTRPCClient, httpLink, type TRPCClient } from '@trpc/client';
import superjson from 'superjson';
import type { Studio } from '../studio/studio';
import { readEnv } from '../env/env';
import { requestContext } from '../studio/request-context';
import { served, type AppRouter } from './router';

export type TestHttp = { base: string; close: () => Promise<void> };

/** For tests: the router over HTTP with the owners of the real routes. `environment`: as the server's variables. */
export async function serveRouter(studio: Studio, environment: Record<string, string> = {}): Promise<TestHttp> {
  const settings = readEnv(environment);
  const handler = createHTTPHandler({
    ...served,
    createContext: async ({ req, res }) => {
      const request = new Request(`http://127.0.0.1${req.url}`, {
        method: req.method,
        headers: Object.entries(req.headers).flatMap(([name, value]): [string, string][] =>
          typeof value === 'string' ? [[name, value]] : [],
        ),
      });
      return requestContext(
        request,
        settings,
        async () => studio,
        (header) => res.appendHeader('set-cookie', header),
      );
    },
  });
  const http: Server = createServer(handler);
  // A busy machine may pause for longer than the usual 5 s between two requests of a test on one connection.
  http.keepAliveTimeout = 60_000;
  http.listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  return {
    base: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    close: async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** A browser of its own: it keeps the cookies that it is given. */
export function testBrowser(base: string): {
  client: TRPCClient<AppRouter>;
  cookie: () => string;
  fetch: typeof fetch;
} {
  const jar = new Map<string, string>();
  const cookie = () => [...jar].map((pair) => pair.join('=')).join('; ');
  const browse: typeof fetch = async (input, init) => {
    const response = await fetch(input, {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), ...(jar.size ? { cookie: cookie() } : {}) },
    });
    for (const set of response.headers.getSetCookie()) {
      const [name = '', value = ''] = set.split(';')[0]!.split('=', 2);
      jar.set(name, value);
    }
    return response;
  };
  return {
    client: createTRPCClient<AppRouter>({
      links: [httpLink({ url: base, transformer: superjson, fetch: browse as never })],
    }),
    cookie,
    fetch: browse,
  };
}
