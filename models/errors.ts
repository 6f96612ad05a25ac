import type { ErrorCode, ErrorData } from './error-data';

export type { ErrorCode, ErrorData };

/**
 * Every failure a user can meet has a code. The message says what was wrong, what was expected and how to mend it.
 * Errors cross threads as plain data (`toData`, `fromData`), never as bare strings.
 */
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
