import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchPicture, isPublic } from './fetch-picture';

const picture = Buffer.from('not decoded here: any bytes');
const seen: { url?: string; headers: Record<string, unknown> }[] = [];
let server: Server;
let base: string;
const answers: Record<string, RequestListener> = {
  '/a%20dog.jpg': (_, response) => response.setHeader('content-type', 'image/jpeg').end(picture),
  '/there': (_, response) => response.writeHead(302, { location: '/a%20dog.jpg' }).end(),
  '/round': (_, response) => response.writeHead(302, { location: '/round' }).end(),
  '/inside': (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  '/file': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/page': (_, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end('<p>a page</p>'),
  '/large': (_, response) => response.setHeader('content-length', 5000).end(Buffer.alloc(5000)),
  '/endless': (_, response) => {
    const more = setInterval(() => response.write(Buffer.alloc(500)), 5);
    response.once('close', () => clearInterval(more));
  },
  '/silent': () => {},
};

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push({ url: request.url, headers: request.headers });
    const answer = answers[request.url!];
    if (answer) answer(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('pictures from addresses', () => {
  it('are fetched with their name, through redirects, and nothing is sent along', async () => {
    const { bytes, name } = await fetchPicture(`${base}/there`, 'any');
    expect([Buffer.from(bytes).equals(picture), name]).toEqual([true, 'a dog.jpg']);
    expect(Object.keys(seen.at(-1)!.headers).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ]);
  });

  it('come from the public internet alone: not from this machine by number, in any spelling, nor by a name that leads here', async () => {
    const before = seen.length;
    const { port } = new URL(base);
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f.1',
      '0177.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0.0.0.0',
    ])
      await expect(fetchPicture(`http://${host}:${port}/a%20dog.jpg`, 'public'), host).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringMatching(/its own network.*STUDIO_ADDRESSES=any/),
      });
    expect(seen.length).toBe(before);
  });

  it('are not fetched from where a redirect must not lead', async () => {
    // The first address is allowed to the test; where it sends on to has no scheme of a picture, or never ends.
    await expect(fetchPicture(`${base}/file`, 'any')).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/file:/),
    });
    await expect(fetchPicture(`${base}/round`, 'any')).rejects.toThrow(/redirects more than 5 times/);
  });

  it('are checked again after a redirect', async () => {
    const { port } = new URL(base);
    // A name of the public internet stands before, as far as the check knows: it lets this very server pass, and
    // nothing else.
    const only = (address: string) => address === '127.0.0.1';
    await expect(fetchPicture(`http://127.0.0.1:${port}/inside`, only)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/169\.254\.169\.254/),
    });
    await expect(fetchPicture(`http://127.0.0.1:${port}/there`, only)).resolves.toMatchObject({ name: 'a dog.jpg' });
  });

  it('are refused in words where there is none, a page, or too much', async () => {
    await expect(fetchPicture(`${base}/nothing`, 'any')).rejects.toThrow(/status 404: there is no such picture/);
    await expect(fetchPicture(`${base}/page`, 'any')).rejects.toThrow(/web page, not a picture.*Copy image address/);
    await expect(fetchPicture(`${base}/large`, 'any', { bytes: 1000 })).rejects.toMatchObject({
      code: 'image-too-large',
    });
    await expect(fetchPicture(`${base}/endless`, 'any', { bytes: 1000 })).rejects.toMatchObject({
      code: 'image-too-large',
    });
    await expect(fetchPicture(`${base}/silent`, 'any', { ms: 200 })).rejects.toThrow(/did not send the picture within/);
    await expect(fetchPicture('http://127.0.0.1:9/x.jpg', 'any')).rejects.toThrow(
      /127\.0\.0\.1:9: it refuses the connection/,
    );
    for (const address of ['dog.jpg', 'file:///etc/passwd', 'ftp://pictures.example/x', 'javascript:1'])
      await expect(fetchPicture(address, 'any')).rejects.toMatchObject({ code: 'option-invalid' });
    await expect(fetchPicture('https://me:secret@pictures.example/x.jpg', 'any')).rejects.toThrow(
      /user name or password/,
    );
  });

  it('know the public internet', () => {
    for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '2001:4860:4860::8888', '2606:4700::1111'])
      expect(isPublic(address), address).toBe(true);
    const others =
      '0.0.0.0 10.1.2.3 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.168.1.1 198.18.0.1 203.0.113.9 224.0.0.1 255.255.255.255 ' +
      ':: ::1 ::ffff:8.8.8.8 ::ffff:10.0.0.1 64:ff9b::a00:1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::1 ' +
      '3fff::1 fc00::1 fd12::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1 localhost 1.2.3';
    for (const address of others.split(' ')) expect(isPublic(address), address).toBe(false);
  });
});
