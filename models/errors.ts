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
  /**
   * Any thrown value as a StudioError. An unknown one becomes `internal`, without the words of the library that threw
   * it: those are noted (`noteFault`), and stay its cause.
   */
  static from(error: unknown): StudioError {
    if (error instanceof StudioError) return error;
    if (error instanceof DOMException && error.name === 'AbortError') return new StudioError('cancelled', 'Cancelled.');
    noteFault(error);
    return new StudioError('internal', host.words(), { cause: error });
  }
}

/** Where faults are noted and what a person is told of them; as in a browser, unless a host says otherwise. */
let host = {
  words: () =>
    'The studio met a fault of its own. Try again; where it stays, report it with what the browser’s console says.',
  note: (cause: unknown): void => console.error(cause),
};
/** From now on faults are noted and told of as a host has it: a server in its log, a command only where it is asked. */
export function noteFaultsBy(how: typeof host): void {
  host = how;
}
/** Keeps what lies behind a fault for whoever looks for it, where a person is told of it in the studio's words. */
export function noteFault(cause: unknown): void {
  if (cause !== undefined) host.note(cause);
}

/** Throws `cancelled` when the signal has fired. Called before every model run. */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw new StudioError('cancelled', 'Cancelled.');
}
