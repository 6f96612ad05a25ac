// A studio of a command's own: on a free port, with a database that is thrown away.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { node, root } from './shell.mjs';

/** A port that nobody listens on. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Starts the studio and waits until it answers. The caller ends it. */
export async function startStudio(port) {
  const child = spawn(...node(join(root, 'server/setup/start.mjs')), {
    cwd: root,
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: `file:./.studio/bench-${process.pid}.db`,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let ended = false;
  child.once('exit', () => (ended = true));
  for (let n = 0; n < 300; n++) {
    if (ended) break;
    if (
      await fetch(`http://127.0.0.1:${port}/api/health`).then(
        (answer) => answer.ok,
        () => false,
      )
    )
      return child;
    await new Promise((done) => setTimeout(done, 400));
  }
  child.kill();
  throw new Error('The studio did not start. `npm start` says why.');
}

/** Gives the address of such a studio, and ends it afterwards, with its database. */
export async function withStudio(work) {
  const port = await freePort();
  const studio = await startStudio(port);
  try {
    return await work(`http://127.0.0.1:${port}`);
  } finally {
    studio.kill('SIGTERM');
    await new Promise((resolve) => studio.once('exit', resolve));
    for (const ending of ['', '-wal', '-shm'])
      rmSync(join(root, `.studio/bench-${process.pid}.db${ending}`), { force: true });
  }
}
