import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Owner of all that is made on the machine itself, by its page and its command line. */
export const localOwner = 'local';
/** Owner of pictures that everybody may see: the sample. */
export const studioOwner = 'studio';

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
  const [given, right] = [Buffer.from(signature), Buffer.from(mac(secret, bodyOf(signed)))];
  return given.length === right.length && timingSafeEqual(given, right) ? signed : undefined;
}
