import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';

const header = 'x-caption-studio-peer';

/** What a proxy says of the client; Next reads them too. */
const forwarded = /^(forwarded|x-forwarded-.*|x-real-ip)$/;

/**
 * Writes the address that a connection really comes from into each request of this process, over whatever the client
 * claims. What proxies claim is taken away, unless one is trusted.
 */
export function recordPeers(trustProxy: boolean): void {
  subscribe('http.server.request.start', (message) => {
    const { request } = message as { request: IncomingMessage };
    if (!trustProxy)
      for (const name of Object.keys(request.headers)) if (forwarded.test(name)) delete request.headers[name];
    request.headers[header] = request.socket.remoteAddress ?? 'unknown';
  });
}

/**
 * Whom limits are counted for: the address of the connection, or with `trustProxy` the last one that a proxy in front
 * added. An IPv6
 * network of 64 bits counts as one, since a household has as many addresses in it as it likes.
 */
export function clientAddress(request: Request, trustProxy: boolean): string {
  const last = trustProxy ? request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() : undefined;
  const address = (last || request.headers.get(header) || 'unknown').replace(/^::ffff:(?=\d+\.)/, '');
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const first = head ? head.split(':') : [];
  const rest = tail ? tail.split(':') : [];
  const groups =
    tail === undefined
      ? first
      : [...first, ...Array<string>(Math.max(0, 8 - first.length - rest.length)).fill('0'), ...rest];
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group || '0', 16).toString(16))
    .join(':')}::/64`;
}
