import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Owner of all that is made on the machine itself, by its page and its command line. */
export const localOwner = 'local';
/** Owner of pictures that everybody may see: the sample. */
export const studioOwner = 'studio';
/** Owner of the keys that give the right to change models; owns nothing else, and no cookie makes a browser it. */
export const administrator = 'administrator';

const shape = /^(local|[\w-]{22})$/;
const keyShape = /^[\w-]{22}$/;

/** Whom a cookie names; `key`: the id of the ownership key that made the browser this owner, if one did. */
export type Signed = { owner: string; key?: string };

/** An anonymous owner: 128 random bits. */
export const newOwner = () => randomBytes(16).toString('base64url');

const bodyOf = ({ owner, key }: Signed) => (key === undefined ? owner : `${owner}.${key}`);
const mac = (secret: Buffer, body: string) =>
  createHmac('sha256', secret).update(`caption-studio cookie ${body}`).digest('base64url');

export const cookieValue = (secret: Buffer, signed: Signed) => `${bodyOf(signed)}.${mac(secret, bodyOf(signed))}`;

/** @returns whom it names, or undefined where the cookie is not of this studio */
export function readCookie(secret: Buffer, value: string): Signed | undefined {
  const parts = value.split('.');
  const signature = parts.pop();
  const [owner, key, rest] = parts;
  if (!owner || !signature || rest !== undefined || !shape.test(owner) || (key !== undefined && !keyShape.test(key)))
    return undefined;
  const signed = key === undefined ? { owner } : { owner, key };
  return isSame(signature, mac(secret, bodyOf(signed))) ? signed : undefined;
}

/** Signs the id of an administrator's key, in words that no cookie of an owner has. */
export const signedKey = (secret: Buffer, key: string) => `${key}.${mac(secret, `administrator ${key}`)}`;

/** @returns the id of the key, or undefined where it is not signed by this studio */
export function readSignedKey(secret: Buffer, value: string): string | undefined {
  const [key = '', signature = '', rest] = value.split('.');
  if (rest !== undefined || !keyShape.test(key)) return undefined;
  return isSame(signature, mac(secret, `administrator ${key}`)) ? key : undefined;
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
