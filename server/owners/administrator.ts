import type { Database } from '../db/open';
import { keyStands } from './keys';
import { cookies, type OwnerSettings, secretOf, setCookieHeader } from './request-owner';
import { administrator, readSignedKey, signedKey } from './signing';

const cookie = 'caption-studio-administrator';

/**
 * Whether the asking browser may change models of a studio that is open to others: it showed an administrator's key
 * (keys.ts), which has not been revoked since.
 */
export async function isAdministrator(
  request: Request,
  settings: OwnerSettings,
  database: () => Promise<Database>,
): Promise<boolean> {
  const value = cookies(request).get(cookie);
  const key = value && readSignedKey(secretOf(settings), value);
  return key ? keyStands(await database(), administrator, key) : false;
}

/** The Set-Cookie header of a browser that showed the key with this id. */
export const administratorSetCookie = (key: string, request: Request, settings: OwnerSettings): string =>
  setCookieHeader(cookie, signedKey(secretOf(settings), key), request, settings);
