import { StudioError } from '../../models/errors';
import type { Env } from './env';
import { isLoopback } from './listen';

/**
 * Refuses a request that another site's page sent: one that changes something must come from this origin, or from a
 * program that is no browser (no Origin, no Sec-Fetch-Site). This origin is `STUDIO_ORIGIN` where that is set, because
 * proxies put a name of their own into `Host`; else it is the one of `Host`. While the server listens on the loopback
 * only, a name in `Host` other than the loopback's and the public origin's is another site that resolves to this
 * machine (DNS rebinding), and is refused for every method.
 * @param invited origins whose pages may ask nevertheless
 * @returns the error to answer with or undefined when the request is fine
 */
export function foreignRequest(
  request: { method: string; headers: Pick<Headers, 'get'> },
  settings: Pick<Env, 'HOST' | 'STUDIO_ORIGIN'>,
  invited: readonly string[] = [],
): StudioError | undefined {
  const host = request.headers.get('host') ?? '';
  const here = settings.STUDIO_ORIGIN;
  if (isLoopback(settings.HOST) && !isLoopback(hostName(host)) && !(here && host === hostOf(here)))
    return new StudioError(
      'forbidden',
      here
        ? `This studio answers as ${hostOf(here)} and on the loopback, not as ${host}. Open ${here}, or let the proxy pass on the name that was asked for.`
        : `This studio answers on the loopback only, not as ${host}. Open http://127.0.0.1, start it with HOST=0.0.0.0 to open it to the network, or with STUDIO_ORIGIN behind a proxy.`,
    );
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  if (origin !== null && invited.includes(origin)) return undefined;
  const sameSite = site === null || site === 'same-origin' || site === 'none';
  const sameOrigin = origin === null || (here ? origin === here : hostOf(origin) === host);
  if (sameSite && sameOrigin) return undefined;
  return new StudioError(
    'forbidden',
    `A page of ${origin ?? 'another site'} may not change anything in this studio. Use the studio's own page${here ? `, ${here}` : ', or set STUDIO_ORIGIN where a proxy stands in front of it'}.`,
  );
}

const hostName = (host: string) => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
