/**
 * Every failure a user can meet has a code. The message says what was wrong, what was expected and how to mend it.
 * Errors cross threads as plain data (`toData`, `fromData`), never as bare strings.
 */
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
  'file-unreadable',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];
export type ErrorData = { code: ErrorCode; message: string; details?: Record<string, unknown> };

export class StudioError extends Error {
  readonly code: ErrorCode;
  readonly details?: Record<string, unknown>;
  constructor(code: ErrorCode, message: string, options?: { details?: Record<string, unknown>; cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StudioError';
    this.code = code;
    this.details = options?.details;
  }
  toData(): ErrorData {
    return { code: this.code, message: this.message, ...(this.details ? { details: this.details } : {}) };
  }
  static fromData(data: ErrorData): StudioError {
    return new StudioError(data.code, data.message, { details: data.details });
  }
  /** Any thrown value as a StudioError; an unknown one becomes `internal` and keeps its cause. */
  static from(error: unknown): StudioError {
    if (error instanceof StudioError) return error;
    if (error instanceof DOMException && error.name === 'AbortError') return new StudioError('cancelled', 'Cancelled.');
    const message = error instanceof Error ? error.message : String(error);
    return new StudioError('internal', message, { cause: error });
  }
}

/** Throws `cancelled` when the signal has fired. Called before every model run. */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
}
