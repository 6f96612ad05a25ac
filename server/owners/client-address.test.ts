import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { recordPeers } from './client-address';

it('what proxies claim reaches nobody where none is trusted, and the connection says whose it is', async () => {
  recordPeers(false);
  const server = createServer((request, answer) => answer.end(JSON.stringify(request.headers))).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const claims = {
    forwarded: 'for=1.2.3.4;proto=https',
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-port': '1',
    'x-real-ip': '1.2.3.4',
    'x-caption-studio-peer': '1.2.3.4',
  };
  const { port } = server.address() as AddressInfo;
  const came = (await (await fetch(`http://127.0.0.1:${port}`, { headers: claims })).json()) as Record<string, string>;
  expect(Object.keys(came).filter((name) => name in claims)).toEqual(['x-caption-studio-peer']);
  expect(came['x-caption-studio-peer']).toBe('127.0.0.1');
  await new Promise((resolve) => server.close(resolve));
});
