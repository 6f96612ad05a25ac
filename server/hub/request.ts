import { setTimeout as sleep } from 'node:timers/promises';
import { StudioError } from '../../models/errors';
import { inEnglish, type Said } from '../../models/said';
import { connectionFailure, waitReasons } from './wait-reasons';

export type HubSettings = {
  /** Base address, `https://huggingface.co` or a mirror. Plain http is used only where this says so. */
  endpoint: string;
  /** Sent to the endpoint's own origin and nowhere else. */
  token?: string;
  /** A connection that sends nothing for this long is given up and tried again. */
  stallMs: number;
  /** First pause before another attempt; it doubles with each. */
  retryMs: number;
};

/** Another attempt follows in `ms`, because of `reason`. */
export type OnWait = (reason: Said, ms: number) => void;

export type HubRequest = {
  method: 'GET' | 'HEAD';
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** `same-origin`: a redirect to another origin is the answer (its headers tell what the hub knows of the file). */
  follow: 'all' | 'same-origin';
};

/**
 * A failure that may pass by itself: no connection, a cut or stalled one, 408, 429, 5xx. `waitMs`: what the server
 * asked for.
 */
export class Passing extends Error {
  readonly waitMs?: number;
  constructor(
    readonly reason: Said,
    { waitMs, cause }: { waitMs?: number; cause?: unknown } = {},
  ) {
    super(inEnglish(reason), cause === undefined ? undefined : { cause });
    this.waitMs = waitMs;
  }
}

const maxRedirects = 10;
/** Attempts without any progress before it is given up. */
const attempts = 6;
const longestPauseMs = 30_000;
/** A server that asks for more than this is told to the user instead of being waited for. */
const longestWaitMs = 5 * 60_000;

/**
 * One request. Redirects are followed here, not by fetch: the token must never reach another origin, and https must
 * never become http.
 * @throws Passing, hub-unreachable (a redirect that may not be followed), cancelled
 */
export async function request(
  address: URL,
  { method, headers = {}, signal, follow }: HubRequest,
  settings: HubSettings,
): Promise<{ response: Response; address: URL }> {
  const home = new URL(settings.endpoint).origin;
  for (let hop = 0, at = address; hop <= maxRedirects; hop++) {
    const authorization: Record<string, string> =
      settings.token && at.origin === home ? { authorization: `Bearer ${settings.token}` } : {};
    const response = await send(
      at,
      {
        method,
        redirect: 'manual',
        headers: { 'accept-encoding': 'identity', 'user-agent': 'caption-studio', ...headers, ...authorization },
      },
      settings.stallMs,
      signal,
    );
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) return { response, address: at };
    const next = new URL(location, at);
    if (follow === 'same-origin' && next.origin !== at.origin) return { response, address: at };
    await response.body?.cancel();
    if (!/^https?:$/.test(next.protocol) || (at.protocol === 'https:' && next.protocol === 'http:'))
      throw new StudioError(
        'hub-unreachable',
        `${at.host} redirects to ${next.protocol}//${next.host}, which is not safe to follow. Choose another mirror with HF_ENDPOINT.`,
      );
    at = next;
  }
  throw new StudioError(
    'hub-unreachable',
    `${address.host} redirects in a circle. Choose another mirror with HF_ENDPOINT.`,
  );
}

/** fetch whose headers must come within `stallMs`; what fails is told in words. */
async function send(address: URL, init: RequestInit, stallMs: number, signal?: AbortSignal): Promise<Response> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), stallMs);
  try {
    return await fetch(address, {
      ...init,
      signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
    });
  } catch (cause) {
    if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
    if (stalled.signal.aborted)
      throw new Passing({
        sentence: waitReasons.silent,
        values: { host: address.host, seconds: Math.round(stallMs / 1000) },
      });
    throw new Passing(connectionFailure(address.host, cause), { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Turns an answer that is no success into an error. @throws Passing, hub-refused, hub-missing, hub-unreachable */
export function refuse(
  response: Response,
  what: { repo: string; path: string; page: string; hasToken: boolean },
): never {
  const { status, headers } = response;
  const code = headers.get('x-error-code') ?? '';
  const said = headers.get('x-error-message');
  const { repo, path, page, hasToken } = what;
  if (status === 404 || code === 'RepoNotFound' || code === 'EntryNotFound' || code === 'RevisionNotFound') {
    const part =
      code === 'RevisionNotFound'
        ? `no such revision of ${repo}`
        : code === 'EntryNotFound' || (status === 404 && code === '')
          ? `no file ${path} in ${repo}`
          : `no repository ${repo}, or it is private`;
    throw new StudioError(
      'hub-missing',
      `The hub has ${part} (status ${status}). It may have moved: look at ${page}, download the file there and import it from your disk${hasToken ? '' : ', or set HF_TOKEN if the repository is private'}.`,
      { details: { repo, path, status } },
    );
  }
  if (status === 401 || status === 403) {
    const mend =
      code === 'GatedRepo' || hasToken
        ? `Accept its terms on ${page} with the account of your token${hasToken ? ' (HF_TOKEN is set, and is not enough)' : ', and set HF_TOKEN'}`
        : `Set HF_TOKEN to a token of your account that may read ${page}`;
    throw new StudioError(
      'hub-refused',
      `The hub does not give ${path} of ${repo} (status ${status}${said ? `: ${said}` : ''}). ${mend}, then pull again.`,
      { details: { repo, path, status } },
    );
  }
  if (status === 408 || status === 429 || status >= 500) {
    const waitMs = retryAfterMs(headers.get('retry-after'));
    if (waitMs !== undefined && waitMs > longestWaitMs)
      throw new StudioError(
        'hub-unreachable',
        `The hub asks to wait ${Math.ceil(waitMs / 60_000)} minutes (status ${status}). What arrived is kept: pull again after that${hasToken ? '' : ', or set HF_TOKEN, which has a higher limit'}.`,
        { details: { status } },
      );
    throw new Passing({ sentence: waitReasons.status, values: { status } }, { waitMs });
  }
  throw new StudioError(
    'hub-unreachable',
    `The hub answers with status ${status}${said ? ` (${said})` : ''} to ${path} of ${repo}, which is not understood. Is HF_ENDPOINT the address of a hub or its mirror?`,
    { details: { status } },
  );
}

/** Milliseconds of a Retry-After header, in seconds or as a date. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  const ms = /^\s*\d+\s*$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/**
 * Does something again while it fails in a passing way: up to `attempts` times in a row without progress, with growing
 * pauses or those
 * that the server asks for. @throws hub-unreachable that says what to do
 */
export async function withRetries<T>(
  settings: HubSettings,
  work: (attempt: { progressed(): void }) => Promise<T>,
  { signal, onWait }: { signal?: AbortSignal; onWait?: OnWait } = {},
): Promise<T> {
  let failures = 0;
  for (;;) {
    try {
      return await work({ progressed: () => (failures = 0) });
    } catch (error) {
      if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
      if (!(error instanceof Passing)) throw error;
      if (++failures >= attempts) throw unreachable(settings.endpoint, error);
      const pause =
        error.waitMs ?? Math.min(longestPauseMs, settings.retryMs * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
      onWait?.(error.reason, pause);
      await sleep(pause, undefined, { signal }).catch(() => {
        throw new StudioError('cancelled', 'Cancelled.');
      });
    }
  }
}

function unreachable(endpoint: string, { message, cause }: Passing): StudioError {
  return new StudioError(
    'hub-unreachable',
    `The hub ${endpoint} cannot be reached: ${message}. What arrived is kept, and pulling again goes on from there. Without a way to it: set HF_ENDPOINT to a mirror, or fetch the file elsewhere and import it from your disk.`,
    { cause },
  );
}
