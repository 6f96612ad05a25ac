// npm start: sets up what is missing, then serves the studio. `--dev` serves it with reloading instead; `--prepared` is
// for those who have set everything up themselves (e2e/studio.ts).
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkPort, readPort } from './port.mjs';
import { prepare } from './prepare.mjs';
import { fail, say, seconds, SetupError } from './report.mjs';
import { environment, node, root, tool } from './shell.mjs';

const dev = process.argv.includes('--dev');
const host = process.env.HOST || '127.0.0.1';
const isLoopback = host === 'localhost' || host === '::1' || /^127\./.test(host);

try {
  const port = readPort(process.env.PORT);
  await checkPort(port, host);
  if (!process.argv.includes('--prepared')) await prepare({ build: !dev });
  await serve(port);
} catch (error) {
  fail(error);
}

async function serve(port) {
  const start = performance.now();
  if (!isLoopback)
    say(
      `WARNING: HOST=${host} opens the studio to the network. There are no accounts: whoever reaches port ${port} can upload photos and use this machine's time.`,
    );
  // It ends with this process, however that ends.
  const program = dev ? [tool.next, 'dev', '-H', host, '-p', String(port)] : [join(root, '.studio/serve.mjs')];
  const server = spawn(...node(...program), {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Signals are ours in production: unfinished lanes are written as interrupted first
    // (server/studio/singleton.ts).
    env: environment({
      HOST: host,
      PORT: String(port),
      NODE_ENV: dev ? 'development' : 'production',
      ...(dev ? {} : { NEXT_MANUAL_SIG_HANDLE: 'true' }),
    }),
  });
  const ended = new Promise((resolve) => server.once('exit', (code, signal) => resolve(code ?? (signal ? 0 : 1))));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));

  const name = host.includes(':') ? `[${host}]` : host;
  const address = `http://${host === '0.0.0.0' || host === '::' ? '127.0.0.1' : name}:${port}`;
  const problem = await Promise.race([ended.then(() => 'ended'), answers(address)]);
  if (problem === 'ended') process.exit(await ended);
  if (problem) {
    server.kill();
    throw new SetupError(problem);
  }
  say(
    `Caption Studio answers on ${address} (server up in ${seconds(start)} s, all in all ${seconds()} s). Ctrl-C stops it.`,
  );
  process.exit(await ended);
}

/** Waits until the server answers with its database open. @returns what is wrong, in words, or undefined */
async function answers(address) {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(100)) {
    const response = await fetch(`${address}/api/health`).catch(() => undefined);
    if (response?.ok) return undefined;
    if (response) {
      const body = await response.json().catch(() => undefined);
      return body?.error?.message ?? `The server answers with status ${response.status}; its messages are above.`;
    }
  }
  return `The server does not answer on ${address} after 60 s; its messages are above.`;
}
