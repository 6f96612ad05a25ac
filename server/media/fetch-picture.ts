import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { BlockList, isIP } from 'node:net';
import { StudioError } from '../../models/errors';
import { inEnglish } from '../../models/said';
import { imageLimits } from '../../models/spaces/image-kind';
import { connectionFailure } from '../hub/wait-reasons';

/**
 * Where pictures may be fetched from: public addresses alone, also this machine and its own network, or (in tests)
 * those that a function knows.
 */
export type AddressRule = 'public' | 'any' | ((address: string) => boolean);

const mostRedirects = 5;
const limits = { bytes: imageLimits.bytes, ms: 20_000 };

/** What IANA's registries of special-purpose addresses keep from the public internet (RFC 6890 and later). */
const special = listOf(
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4',
  'ipv4',
);
/**
 * Of IPv6 this is all that is handed out: neither loopback nor local networks are in it, nor IPv4 in other clothes but
 * 6to4.
 */
const handedOut = listOf('2000::/3', 'ipv6');
const handedOutFor = listOf('2001::/23 2001:db8::/32 2002::/16 3fff::/20', 'ipv6');

function listOf(ranges: string, family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const range of ranges.split(' ')) {
    const [network, bits] = range.split('/');
    list.addSubnet(network!, Number(bits), family);
  }
  return list;
}

/**
 * Whether an IP address is one of the public internet: no loopback, no private or link-local network, none that stands
 * for one of those.
 */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4');
  return isIP(address) === 6 && handedOut.check(address, 'ipv6') && !handedOutFor.check(address, 'ipv6');
}

/**
 * Fetches a picture from an address that a person gave. Every address is checked after its name is resolved, in the
 * very connection that is
 * made, and again after each redirect, so that neither a name nor a redirect leads into a network that the rule leaves
 * out. Nothing is
 * sent along: no cookie, no referrer. What arrives is only bytes: whether they are a picture is for decodeImage to say.
 * @throws option-invalid (no address), forbidden (not one of those), image-unreadable, image-too-large, cancelled
 */
export async function fetchPicture(
  address: string,
  rule: AddressRule,
  { signal, bytes: most = limits.bytes, ms = limits.ms }: { signal?: AbortSignal; bytes?: number; ms?: number } = {},
): Promise<{ bytes: Uint8Array; name: string }> {
  const deadline = AbortSignal.timeout(ms);
  const both = signal ? AbortSignal.any([signal, deadline]) : deadline;
  let at = parse(address);
  try {
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const response = await ask(at, rule, both);
      const next = redirect(response, at);
      if (!next) return { bytes: await read(response, at, most), name: nameOf(at) };
      response.destroy();
      at = next;
    }
  } catch (cause) {
    if (cause instanceof StudioError) throw cause;
    if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
    if (deadline.aborted)
      throw new StudioError(
        'image-unreadable',
        `${at.host} did not send the picture within ${Math.round(ms / 1000)} s. Try again, or save the picture and drop the file.`,
      );
    throw new StudioError(
      'image-unreadable',
      `${inEnglish(connectionFailure(at.host, cause))}. Check the address, or save the picture and drop the file.`,
      { cause },
    );
  }
  throw new StudioError(
    'image-unreadable',
    `${at.host} redirects more than ${mostRedirects} times. Open the address in a tab, save the picture and drop the file.`,
  );
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new StudioError(
      'option-invalid',
      `${JSON.stringify(text.slice(0, 100))} is no address of a picture. Expected one that begins with https:// or http://.`,
    );
  if (url.username || url.password)
    throw new StudioError(
      'option-invalid',
      'An address with a user name or password is not fetched. Save the picture and drop the file.',
    );
  return url;
}

/** One request, whose answer's headers have come. */
function ask(url: URL, rule: AddressRule, signal: AbortSignal): Promise<IncomingMessage> {
  const allowed = typeof rule === 'function' ? rule : (address: string) => rule === 'any' || isPublic(address);
  const literal = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(literal) && !allowed(literal)) throw refused(url);
  return new Promise((resolve, reject) => {
    const { get } = url.protocol === 'https:' ? https : http;
    const request = get(url, {
      signal,
      // No connection is used again: each is made to an address that was checked for it.
      agent: false,
      headers: { accept: 'image/*', 'accept-encoding': 'identity', 'user-agent': 'caption-studio' },
      lookup: (
        name: string,
        options: LookupOptions,
        done: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
      ) =>
        lookup(name, { ...options, all: true }, (error, found) => {
          if (error) done(error, '');
          else if (!found.length || !found.every(({ address }) => allowed(address))) done(refused(url), '');
          else if (options.all) done(null, found);
          else done(null, found[0]!.address, found[0]!.family);
        }),
    });
    request.once('response', resolve).once('error', reject);
  });
}

const refused = (url: URL) =>
  new StudioError(
    'forbidden',
    `${url.hostname} is an address of this machine or its own network, and the studio fetches pictures ` +
      `from the public internet alone. Save the picture and drop the file; or start the studio with STUDIO_ADDRESSES=any, where nobody else can reach it.`,
  );

/** Where the answer sends on to. @throws forbidden for what must not be followed */
function redirect({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) return undefined;
  if (!URL.canParse(headers.location, from.href))
    throw new StudioError(
      'image-unreadable',
      `${from.host} redirects to what is no address. Save the picture and drop the file.`,
    );
  const next = parse(new URL(headers.location, from.href).href);
  if (from.protocol === 'https:' && next.protocol === 'http:')
    throw new StudioError(
      'forbidden',
      `${from.host} redirects from https to http, which is not followed. Save the picture and drop the file.`,
    );
  return next;
}

/** The body, as far as it may be a picture. */
async function read(response: IncomingMessage, { host }: URL, most: number): Promise<Uint8Array> {
  const refuse = (error: StudioError) => {
    response.destroy();
    throw error;
  };
  const { statusCode, headers } = response;
  if (statusCode !== 200)
    refuse(
      new StudioError(
        'image-unreadable',
        `${host} answers with status ${statusCode}${statusCode === 404 ? ': there is no such picture' : statusCode === 401 || statusCode === 403 ? ': it gives the picture to its own visitors only' : ''}. ` +
          `Open the address in a tab, save the picture and drop the file.`,
      ),
    );
  if (/^text\/html/i.test(headers['content-type'] ?? ''))
    refuse(
      new StudioError(
        'image-unreadable',
        `${host} sent a web page, not a picture. Open it, copy the address of the picture itself (right click, Copy image address) and give that.`,
      ),
    );
  const tooLarge = () =>
    new StudioError(
      'image-too-large',
      `The picture of ${host} is larger than ${most / 1024 ** 2} MB. Save it smaller and drop the file: 2000 pixels on the longer side is plenty.`,
      { details: { limitBytes: most } },
    );
  if (Number(headers['content-length'] ?? 0) > most) refuse(tooLarge());
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    if ((length += part.length) > most) refuse(tooLarge());
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** The file's name in the address, else the host's. */
function nameOf({ pathname, hostname }: URL): string {
  const last = pathname.split('/').findLast(Boolean) ?? '';
  try {
    return decodeURIComponent(last).slice(0, 100) || hostname;
  } catch {
    return last.slice(0, 100);
  }
}
