// The server as a process of its own, which start.mjs bundles and starts: Next behind a door that every request comes
// through, static files and addresses that nobody knows included.
import { createServer } from 'node:http';
import next from 'next';
import { type Env, env } from '../env/env';
import { told } from '../errors/told';
import { refusal, refuse } from './front-door';
import { dropSlowReaders } from './slow-readers';

try {
  await serve(env());
} catch (error) {
  console.error(told(error).message);
  process.exit(1);
}

async function serve(settings: Env): Promise<void> {
  const app = next({
    dev: false,
    dir: process.cwd(),
    hostname: settings.HOST,
    port: settings.PORT,
    // There are no web sockets, and Next shall not take upgrades past the door: Node takes them for plain requests.
    httpServer: createServer(),
  });
  await app.prepare();
  const handle = app.getRequestHandler();
  const server = createServer((request, answer) => {
    const refused = refusal(request, settings);
    if (refused) return refuse(refused, request, answer);
    handle(request, answer).catch((error: unknown) => {
      console.error(error);
      answer.destroy();
    });
  });
  dropSlowReaders(server);
  server.once('error', (error: NodeJS.ErrnoException) => {
    console.error(
      `The studio cannot listen on ${settings.HOST}:${settings.PORT} (${error.code ?? 'for no reason given'}).`,
    );
    process.exit(1);
  });
  server.listen(settings.PORT, settings.HOST);
}
