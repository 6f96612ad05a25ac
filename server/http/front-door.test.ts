import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusal, refuse } from './front-door';

const settings = {
  HOST: '127.0.0.1',
  STUDIO_ORIGIN: 'https://captions.example',
  STUDIO_API_ORIGINS: ['https://plugin.example'],
};
let server: Server;
const came: string[] = [];
beforeAll(async () => {
  server = createServer((request: IncomingMessage, answer) => {
    const refused = refusal(request, settings);
    if (refused) return refuse(refused, request, answer);
    came.push(`${request.method} ${request.url}`);
    answer.end('in');
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** As bytes on the wire: clients of HTTP mend or refuse such requests themselves. */
const ask = (method: string, target: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; head: string; body: string }>((resolve, reject) => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const fields = Object.entries({ host: '127.0.0.1', 'content-length': '0', connection: 'close', ...headers });
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
      resolve({ status: Number(head.split(' ')[1]), head, body });
    });
    socket.write(`${method} ${target} HTTP/1.1\r\n${fields.map(([n, v]) => `${n}: ${v}\r\n`).join('')}\r\n`);
  });

describe('the door that every request comes through', () => {
  it('refuses addresses that cannot be read, in words, before any route sees them', async () => {
    for (const path of [
      '/c/%',
      '/c/%ff',
      '/s/%e4%b8',
      '/c/%00',
      '/c/..',
      '/c/%2e%2e',
      '/a/..%2f..%2fb',
      '/a\\b',
      '*',
    ]) {
      const { status, head, body } = await ask('GET', path);
      expect([path, status, body]).toEqual([path, 400, expect.stringMatching(/^The address cannot be read: .*\n$/)]);
      expect(head).toMatch(/content-type: text\/plain/i);
    }
    for (const path of ['/api/images/%', '/api/weights/%ff', '/api/families/%2e%2e', '/api/trpc/%']) {
      const { status, body } = await ask('GET', path);
      expect([path, status, JSON.parse(body)]).toEqual([
        path,
        400,
        { error: { code: 'option-invalid', message: expect.stringMatching(/cannot be read/) as unknown } },
      ]);
    }
    expect(came).toEqual([]);
  });

  it('refuses methods that nothing here has, and says which there are', async () => {
    for (const [method, path, allow] of [
      ['TRACE', '/api/health', 'GET, HEAD, POST, OPTIONS'],
      ['PUT', '/api/images', 'GET, HEAD, POST, OPTIONS'],
      ['TRACE', '/', 'GET, HEAD'],
      ['POST', '/', 'GET, HEAD'],
      ['PROPFIND', '/_next/static/x.js', 'GET, HEAD'],
      ['OPTIONS', '*', 'GET, HEAD'],
    ] as const) {
      const { status, head, body } = await ask(method, path);
      expect([method, path, status]).toEqual([method, path, 405]);
      expect(head.toLowerCase()).toContain(`allow: ${allow.toLowerCase()}`);
      expect(body).toContain(`takes the method ${method}`);
    }
    expect(came).toEqual([]);
  });

  it('looks at Host for every address, files too, and at who changes something', async () => {
    for (const path of ['/', '/icon.svg', '/engine/worker.js', '/_next/static/x.js', '/nosuch', '/api/nosuch'])
      expect((await ask('GET', path, { host: 'evil.example' })).status, path).toBe(403);
    expect((await ask('POST', '/api/images', { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask('POST', '/api/images', { origin: 'https://captions.example' })).status).toBe(200);
    came.length = 0;
  });

  it('lets in what may come, odd names and queries too', async () => {
    const wanted = ['/', '/c/%C3%A4?%', '/c/100%25', '/a%2fb', '/api/export?id=%ff', '/...', '/HEAD'];
    for (const path of wanted) expect((await ask('GET', path, { host: 'captions.example' })).status, path).toBe(200);
    expect(came).toEqual(wanted.map((path) => `GET ${path}`));
  });
});
