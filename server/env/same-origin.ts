import { StudioError } from '../../models/errors';
import { isLoopback } from './listen';

/**
 * Refuses a request that another site's page sent: one that changes something must come from this origin, or from a
 * program
 * that is no browser (no Origin, no Sec-Fetch-Site). While the server listens on the loopback only, a name other than
 * the
 * loopback's in `Host` is another site that resolves to this machine (DNS rebinding), and is refused for every method.
 * @returns the error to answer with or undefined when the request is fine
 */
export function foreignRequest(request: Request, listensOn: string): StudioError | undefined {
  const host = request.headers.get('host') ?? '';
  if (isLoopback(listensOn) && !isLoopback(hostName(host)))
    return new StudioError(
      'forbidden',
      `This studio answers on the loopback only, not as ${host}. Open http://127.0.0.1, or start it with HOST=0.0.0.0 to open it to the network.`,
    );
  if (request.method === 'GET' || request.method === 'HEAD') return undefined;
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  const sameSite = site === null || site === 'same-origin' || site === 'none';
  const sameHost = origin === null || hostOf(origin) === host;
  if (sameSite && sameHost) return undefined;
  return new StudioError(
    'forbidden',
    `A page of ${origin ?? 'another site'} may not change anything in this studio. Use the studio's own page.`,
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
