import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { dropSlowReaders } from './slow-readers';

const MB = 1024 ** 2;
const opened: (Server | Socket)[] = [];
afterEach(() => {
  for (const one of opened.splice(0))
    if ('closeAllConnections' in one) one.close().closeAllConnections();
    else one.destroy();
});

async function serve(listener: RequestListener, patience: Parameters<typeof dropSlowReaders>[1]) {
  const server = createServer(listener);
  dropSlowReaders(server, patience);
  opened.push(server.listen(0, '127.0.0.1'));
  await new Promise((resolve) => server.once('listening', resolve));
  const connections = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  const address = { port: (server.address() as AddressInfo).port, host: '127.0.0.1' };
  return { connections, address };
}
/** Asks and never reads. */
function neverReads(address: { port: number; host: string }): Socket {
  const socket = connect(address);
  socket.on('error', () => {}).pause();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  opened.push(socket);
  return socket;
}
const large = Buffer.alloc(32 * MB, 'x');

describe('clients that do not read', () => {
  it('are dropped, with what waited for them', async () => {
    let [asked, waiting] = [0, 0];
    const { connections, address } = await serve(
      (_, answer) => {
        asked++;
        waiting++;
        answer.once('close', () => waiting--).end(large);
      },
      { stalledMs: 600, heldBytes: Infinity, lookMs: 200 },
    );
    for (let n = 0; n < 8; n++) neverReads(address);
    await expect.poll(() => asked, { timeout: 20_000 }).toBe(8);
    await expect.poll(async () => [waiting, await connections()], { timeout: 30_000 }).toEqual([0, 0]);
  });

  it('are dropped at once where too much waits altogether', async () => {
    const { connections, address } = await serve((_, answer) => answer.end(large), {
      stalledMs: 3600_000,
      heldBytes: 80 * MB,
      lookMs: 200,
    });
    for (let n = 0; n < 6; n++) neverReads(address);
    // What fits may wait.
    await expect.poll(connections, { timeout: 30_000 }).toBe(2);
  });

  it('are not those who read slowly, nor those for whom the studio still works', async () => {
    const { address } = await serve(
      (request, answer) => {
        if (request.url === '/') answer.end(large);
        else setTimeout(() => answer.end('done'), 3_000);
      },
      { stalledMs: 1_500, heldBytes: 64 * MB, lookMs: 200 },
    );
    const base = `http://${address.host}:${address.port}`;
    const working = fetch(`${base}/work`).then((answer) => answer.text());
    const reader = (await fetch(base)).body!.getReader();
    let read = 0;
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      read += part.value.length;
      if (read % (2 * MB) < part.value.length) await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect([read, await working]).toEqual([large.length, 'done']);
  });
});
