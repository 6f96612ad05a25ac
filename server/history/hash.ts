import { createHash } from 'node:crypto';
import { canonicalJson } from '../../models/canonical';

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
/** SHA-256 over the canonical JSON: names a comparison's content wherever it is kept. */
export const contentHash = (value: unknown): string => sha256(canonicalJson(value));
