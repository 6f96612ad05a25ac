// A hub for tests: the addresses, headers and redirects of the real one, on two ports of the loopback (the hub itself,
// and the content
// delivery network that it redirects large files to), with faults on demand.
import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A file whose content is made when it is asked for. `read` gives the bytes from `start` up to, not including, `end`.
 */
export type TestFile = { bytes: number; sha256: string; read(start: number, end: number): Uint8Array };
export type Fault =
  | { kind: 'status'; status: number; headers?: Record<string, string> }
  /** The connection is cut, or falls silent, after so many bytes of the body. */
  | { kind: 'cut' | 'stall'; after: number }
  /** Sends the whole file, whatever range was asked for. */
  | { kind: 'no-range' }
  /** Flips a byte of what is sent. */
  | { kind: 'damage' }
  | { kind: 'redirect'; to: string };
export type Seen = { from: 'hub' | 'cdn'; method: string; url: string; headers: IncomingMessage['headers'] };

export const fileOf = (content: Uint8Array | string): TestFile => {
  const data = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    bytes: data.byteLength,
    sha256: createHash('sha256').update(data).digest('hex'),
    read: (start, end) => data.subarray(start, end),
  };
};

export class TestHub {
  readonly files = new Map<string, TestFile & { small: boolean }>();
  readonly seen: Seen[] = [];
  /** Taken one a request of the content (of any file), in order. */
  readonly faults: Fault[] = [];
  /** Taken one a HEAD request. */
  readonly headFaults: Fault[] = [];
  readonly gated = new Set<string>();
  readonly renamed = new Map<string, string>();
  /** Licences that pages of repositories state; others state none. */
  readonly licences = new Map<string, string>();
  token = 'hf_right';
  commit = 'c0ffee'.padEnd(40, '0');
  /** Makes it slow; undefined: as fast as it can. */
  bytesPerSecond: number | undefined;
  /** Changes the ETag that the CDN gives (another of its servers). */
  cdnTag = 'a';
  readonly #tickets = new Map<string, string>();

  private constructor(
    private readonly hub: Server,
    private readonly cdn: Server,
  ) {
    hub.on(
      'request',
      (request: IncomingMessage, response: ServerResponse) =>
        void this.#hub(request, response).catch(() => response.destroy()),
    );
    cdn.on(
      'request',
      (request: IncomingMessage, response: ServerResponse) =>
        void this.#cdn(request, response).catch(() => response.destroy()),
    );
  }

  /** @param port of the hub; 0 takes a free one */
  static async start(port = 0): Promise<TestHub> {
    const [hub, cdn] = [createServer(), createServer()];
    hub.listen(port, '127.0.0.1');
    cdn.listen(0, '127.0.0.1');
    await Promise.all([once(hub, 'listening'), once(cdn, 'listening')]);
    return new TestHub(hub, cdn);
  }
  async stop(): Promise<void> {
    for (const server of [this.hub, this.cdn]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  get endpoint(): string {
    return originOf(this.hub);
  }
  get cdnOrigin(): string {
    return originOf(this.cdn);
  }

  /** Large files live on the CDN, small ones in git: what the real hub does by size, a test says. */
  put(repo: string, path: string, content: Uint8Array | string | TestFile, { small = false } = {}): TestFile {
    const file = typeof content === 'object' && 'read' in content ? content : fileOf(content);
    this.files.set(`${repo}/${path}`, { ...file, small });
    return file;
  }
  /** Requests of contents, in order. */
  get downloads(): Seen[] {
    return this.seen.filter(
      ({ from, method, url }) => method === 'GET' && (from === 'cdn' || this.#fileAt(url)?.file.small),
    );
  }

  #fileAt(url: string) {
    const match = /^\/((?:[^/]+\/)?[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(decodeURI(url));
    if (!match) return undefined;
    const [, repo = '', revision = '', path = ''] = match;
    const file = this.files.get(`${repo}/${path}`);
    return file && { repo, revision: decodeURIComponent(revision), path, file };
  }

  async #hub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.seen.push({ from: 'hub', method, url, headers });
    if (method === 'HEAD' && (await this.#fails(this.headFaults.shift(), response))) return;
    const card = /^\/api\/models\/([^/]+\/[^/]+)$/.exec(url)?.[1];
    if (card !== undefined) return this.#card(card, response);
    const repo = /^\/((?:[^/]+\/)?[^/]+)\/resolve\//.exec(url)?.[1] ?? '';
    const now = this.renamed.get(repo);
    if (now) return void response.writeHead(307, { location: url.replace(repo, now) }).end();
    if (this.gated.has(repo) && headers.authorization !== `Bearer ${this.token}`)
      return void response
        .writeHead(headers.authorization ? 403 : 401, {
          'x-error-code': 'GatedRepo',
          'x-error-message': 'Access to this model is restricted.',
        })
        .end();
    const found = this.#fileAt(url);
    if (!found) {
      const known = [...this.files.keys()].some((key) => key.startsWith(`${repo}/`));
      return void response
        .writeHead(known ? 404 : 401, { 'x-error-code': known ? 'EntryNotFound' : 'RepoNotFound' })
        .end();
    }
    const { file } = found;
    const common = { 'x-repo-commit': this.commit, 'accept-ranges': 'bytes' };
    if (file.small) {
      const blob = createHash('sha1').update(`blob ${file.bytes}\0`).update(file.read(0, file.bytes)).digest('hex');
      if (method === 'HEAD')
        return void response.writeHead(200, { ...common, etag: `"${blob}"`, 'content-length': file.bytes }).end();
      return this.#send(request, response, file, { ...common, etag: `"${blob}"` });
    }
    const ticket = randomUUID();
    this.#tickets.set(ticket, url);
    // The body's length of the redirect is no file's length: who reads it instead of X-Linked-Size is found out.
    response.writeHead(302, {
      ...common,
      etag: '"redirect"',
      'x-linked-etag': `"${file.sha256}"`,
      'x-linked-size': file.bytes,
      location: `${this.cdnOrigin}/blobs/${ticket}`,
      'content-length': 9,
    });
    response.end(method === 'HEAD' ? undefined : 'elsewhere');
  }

  /** What the hub tells of a repository to programs. */
  #card(repo: string, response: ServerResponse): void {
    if (![...this.files.keys()].some((key) => key.startsWith(`${repo}/`)))
      return void response.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end();
    const licence = this.licences.get(repo);
    const tags = ['pytorch', ...(licence ? [`license:${licence}`] : [])];
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ id: repo, tags, ...(licence ? { cardData: { license: licence } } : {}) }));
  }

  async #cdn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.seen.push({ from: 'cdn', method, url, headers });
    const file = this.#fileAt(this.#tickets.get(url.split('/').at(-1) ?? '') ?? '')?.file;
    // Like a signed address: a request that also carries a token is refused.
    if (!file || headers.authorization) return void response.writeHead(400).end();
    return this.#send(request, response, file, {
      etag: `"${file.sha256.slice(0, 8)}-${this.cdnTag}"`,
      'accept-ranges': 'bytes',
    });
  }

  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    file: TestFile,
    headers: Record<string, string>,
  ): Promise<void> {
    const fault = this.faults.shift();
    if (await this.#fails(fault, response)) return;
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    const condition = request.headers['if-range'];
    const partial =
      range !== undefined && fault?.kind !== 'no-range' && (condition === undefined || condition === headers.etag);
    const start = partial ? Number(range) : 0;
    if (start >= file.bytes)
      return void response.writeHead(416, { ...headers, 'content-range': `bytes */${file.bytes}` }).end();
    response.writeHead(partial ? 206 : 200, {
      ...headers,
      'content-length': file.bytes - start,
      ...(partial ? { 'content-range': `bytes ${start}-${file.bytes - 1}/${file.bytes}` } : {}),
    });
    const chunk = this.bytesPerSecond ? Math.max(1, Math.floor(this.bytesPerSecond / 20)) : 256 * 1024;
    let sent = 0;
    for (let at = start; at < file.bytes && !response.destroyed;) {
      let end = Math.min(file.bytes, at + chunk);
      if (fault?.kind === 'cut' || fault?.kind === 'stall') end = Math.min(end, at + fault.after - sent);
      const data = file.read(at, end).slice();
      if (fault?.kind === 'damage' && at === start && data.length) data[0]! ^= 1;
      if (data.length && !response.write(data)) await drained(response);
      sent += end - at;
      at = end;
      if ((fault?.kind === 'cut' || fault?.kind === 'stall') && sent >= fault.after) {
        await sleep(30);
        if (fault.kind === 'cut') response.destroy();
        return;
      }
      if (this.bytesPerSecond) await sleep(50);
    }
    response.end();
  }

  async #fails(fault: Fault | undefined, response: ServerResponse): Promise<boolean> {
    if (fault?.kind === 'status') return Boolean(response.writeHead(fault.status, fault.headers).end());
    if (fault?.kind === 'redirect') return Boolean(response.writeHead(302, { location: fault.to }).end());
    return false;
  }
}

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Resolves when the reader has caught up, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
