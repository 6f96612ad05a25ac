import * as z from 'zod';

export const errorCodes = [
  'image-unreadable', // not an image, truncated, empty, unsupported kind
  'image-too-large', // bytes or pixels over the limit
  'embedding-invalid', // unreadable file, wrong dimension, not finite, zero norm
  'embedding-mismatch', // other space, state or modality than the decoder accepts
  'option-invalid', // unknown option, wrong type, out of range
  'decoder-unknown',
  'family-unknown',
  'needs-image', // the decoder needs image tokens, an embedding alone is not enough
  'weights-missing',
  'weights-corrupt', // size or SHA-256 differs from the manifest
  'weights-invalid', // a tensor is missing or has another shape
  'device-unavailable',
  'device-failed',
  'device-lost', // the browser took the GPU away
  'device-wrong', // it answered a self-check wrongly
  'storage-full', // no room: in the browser for weights, on the server's disk for pictures, comparisons and families
  'storage-unavailable', // the place where things are kept is gone, read-only or damaged
  'hub-unreachable', // no connection, a stalled one, or a server that fails for good
  'hub-refused', // a token is missing, or the licence was not accepted on the hub
  'hub-missing', // the hub has no such repository, revision or file
  'family-exists',
  'family-needed', // in use, or needed by another family: it cannot be removed now
  'busy', // the queue is full
  'cancelled',
  'interrupted', // the host ended while the lane ran
  'references-invalid',
  'not-found',
  'forbidden', // asked by another site's page
  'key-invalid', // a program's key is missing, unknown or revoked
  'file-unreadable',
  'import-invalid', // not an export of the studio, changed, cut, too large or too deep
  'internal',
] as const;
export const errorData = z.strictObject({
  code: z.enum(errorCodes),
  message: z.string().max(4_000),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ErrorCode = (typeof errorCodes)[number];
export type ErrorData = z.infer<typeof errorData>;
