import type { EngineHost, EngineOptions } from '../engine/host';
import type { Streams } from '../files/streams';

export { nameOf, pathOf, ReaderLeft, say, sayJson, tell } from '../files/streams';

/**
 * All that a command has of the world: whoever calls `main` gives it, and a command takes it from nowhere else. So the
 * command line runs in the calling process as well as in one of its own.
 */
export type Io = Streams & {
  /** The environment variables. */
  env: Record<string, string | undefined>;
  /** Fires when the person wants no more of it. */
  signal: AbortSignal;
  openEngine(options: EngineOptions): Promise<EngineHost>;
};
