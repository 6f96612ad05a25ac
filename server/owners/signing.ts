import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Owner of all that is made on the machine itself, by its page and its command line. */
export const localOwner = 'local';
/** Owner of pictures that everybody may see: the sample. */
export const studioOwner = 'studio';

const shape = /^(local|[\w-]{22})$/;
type Purpose = 'cookie' | 'key';

/** An anonymous owner: 128 random bits. */
export const newOwner = () => randomBytes(16).toString('base64url');

function mac(secret: Buffer, purpose: Purpose, owner: string): string {
  return createHmac('sha256', secret).update(`caption-studio ${purpose} ${owner}`).digest('base64url');
}

function verified(secret: Buffer, purpose: Purpose, owner: string | undefined, signature: string | undefined): string | undefined {
  if (!owner || !signature || !shape.test(owner)) return undefined;
  const [given, right] = [Buffer.from(signature), Buffer.from(mac(secret, purpose, owner))];
  return given.length === right.length && timingSafeEqual(given, right) ? owner : undefined;
}

export const cookieValue = (secret: Buffer, owner: string) => `${owner}.${mac(secret, 'cookie', owner)}`;
/** @returns the owner, or undefined where the cookie is not of this studio */
export function ownerOfCookie(secret: Buffer, value: string): string | undefined {
  const [owner, signature, rest] = value.split('.');
  return rest === undefined ? verified(secret, 'cookie', owner, signature) : undefined;
}

/** What a person saves, to have the same history in another browser. Whoever has it owns all of it. */
export const ownershipKey = (secret: Buffer, owner: string) => `caption-studio.${owner}.${mac(secret, 'key', owner)}`;
/** @returns the owner, or undefined where the key is not of this studio */
export function ownerOfKey(secret: Buffer, key: string): string | undefined {
  const [name, owner, signature, rest] = key.trim().split('.');
  return name === 'caption-studio' && rest === undefined ? verified(secret, 'key', owner, signature) : undefined;
}
