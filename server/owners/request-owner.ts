import type { Env } from '../env/env';
import { isOpen } from '../env/listen';
import { dataFolder, ownerSecret } from './secret';
import { cookieValue, localOwner, newOwner, readCookie, type Signed } from './signing';

export type OwnerSettings = Pick<Env, 'DATABASE_URL' | 'HOST' | 'STUDIO_ORIGIN' | 'STUDIO_OWNERS'>;
type OpenSettings = Pick<OwnerSettings, 'HOST' | 'STUDIO_ORIGIN' | 'STUDIO_OWNERS'>;
export const ownerCookie = 'caption-studio-owner';
/** As long as browsers keep any cookie. */
const maxAgeSeconds = 400 * 24 * 3600;

/** True where each browser is an owner of its own: the studio is open to the network, or was told so. */
export const ownersByCookie = (settings: OpenSettings) =>
  settings.STUDIO_OWNERS === 'browser' || (settings.STUDIO_OWNERS === 'auto' && isOpen(settings));

/** Whether others than this machine's own person may be asking: over the network, or through a proxy. */
export const isOpenToOthers = (settings: OpenSettings) => ownersByCookie(settings) || isOpen(settings);

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

/** A cookie that lasts, for the server alone. */
export function setCookieHeader(
  name: string,
  value: string,
  request: Request,
  settings: Pick<OwnerSettings, 'STUDIO_ORIGIN'>,
): string {
  const secure =
    settings.STUDIO_ORIGIN?.startsWith('https:') ||
    new URL(request.url).protocol === 'https:' ||
    request.headers.get('x-forwarded-proto') === 'https';
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
