import { randomBytes } from 'node:crypto';

/** 128 random bits: whoever has the id was given it. None begins with a dash, which a command line takes for a flag. */
export function randomId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}
