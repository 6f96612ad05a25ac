// The server as a process of its own, which start.mjs bundles and starts: Next behind a door that every request comes
// through, static files and addresses that nobody knows included.
import { createServer } from 'node:http';
import next from 'next';
import { env } from '../env/env';
import { refusal, refuse } from './front-door';
import { dropSlowReaders } from './slow-readers';

const settings = env();
const app = next({
  dev: false,
  dir: process.cwd(),
  hostname: settings.HOST,
  port: settings.PORT,
  // There are no web sockets: Next shall not take upgrades past the door; without a listener Node answers without one.
  httpServer: createServer(),
});
await app.prepare();
const handle = app.getRequestHandler();

const server = createServer((request, answer) => {
  const refused = refusal(request, settings);
  if (refused) refuse(refused, request, answer);
  else
    handle(request, answer).catch((error: unknown) => {
      console.error(error);
      answer.destroy();
    });
});
dropSlowReaders(server);
server.once('error', (error: NodeJS.ErrnoException) => {
  console.error(`The studio cannot listen on ${settings.HOST}:${settings.PORT} (${error.code ?? error.message}).`);
  process.exit(1);
});
server.listen(settings.PORT, settings.HOST);
