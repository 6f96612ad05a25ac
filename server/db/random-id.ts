import { randomBytes } from 'node:crypto';

/** 128 random bits: whoever has the id was given it. */
export const randomId = () => randomBytes(16).toString('base64url');
