import type { Env } from '../env/env';
import { ownersByCookie } from '../env/listen';
import { dataFolder, ownerSecret } from './secret';
import { cookieValue, localOwner, newOwner, readCookie, type Signed } from './signing';

export type OwnerSettings = Pick<
  Env,
  'DATABASE_URL' | 'HOST' | 'STUDIO_ORIGIN' | 'STUDIO_OWNERS' | 'STUDIO_TRUST_PROXY'
>;
export const ownerCookie = 'caption-studio-owner';
/** As long as browsers keep any cookie. */
const maxAgeSeconds = 400 * 24 * 3600;

export const secretOf = ({ DATABASE_URL }: OwnerSettings) => ownerSecret(dataFolder(DATABASE_URL));

/**
 * Who asks. On the loopback everybody is the one local owner; else the signed cookie says. `isNew`: there was no cookie
 * (or not one
 * of this studio), and the owner was made for this request: send `ownerSetCookie` along if it shall last. `key`: it
 * became this owner by an
 * ownership key, which may have been revoked since (keys.ts).
 */
export function requestOwner(request: Request, settings: OwnerSettings): Signed & { isNew: boolean } {
  if (!ownersByCookie(settings)) return { owner: localOwner, isNew: false };
  const value = cookies(request).get(ownerCookie);
  const signed = value && readCookie(secretOf(settings), value);
  return signed ? { ...signed, isNew: false } : { owner: newOwner(), isNew: true };
}

/** The Set-Cookie header that makes a browser this owner. Scripts cannot read it; other sites' forms do not send it. */
export function ownerSetCookie(signed: Signed, request: Request, settings: OwnerSettings): string {
  return setCookieHeader(ownerCookie, cookieValue(secretOf(settings), signed), request, settings);
}

/**
 * A cookie that lasts, for the server alone. `Secure` where browsers come by https: the public origin has it, or a
 * proxy that is trusted says so; the server itself speaks http.
 */
export function setCookieHeader(
  name: string,
  value: string,
  request: Request,
  settings: Pick<OwnerSettings, 'STUDIO_ORIGIN' | 'STUDIO_TRUST_PROXY'>,
): string {
  const secure =
    settings.STUDIO_ORIGIN?.startsWith('https:') ||
    (settings.STUDIO_TRUST_PROXY === '1' && request.headers.get('x-forwarded-proto') === 'https');
  return `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

export function cookies(request: Request): Map<string, string> {
  return new Map(
    (request.headers.get('cookie') ?? '').split(';').flatMap((part): [string, string][] => {
      const at = part.indexOf('=');
      return at < 0 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()]];
    }),
  );
}
