import { vi } from 'vitest';

/**
 * This browser's storage for tests: what two tabs share. Records are copied in and out, as a browser does, and a
 * transaction is one step.
 */
export function testStorage() {
  const records = new Map<string, { id: string; createdAt: number }>();
  let last: Promise<unknown> = Promise.resolve();
  const storage = {
    records,
    /** Refuses to write from now on, as a full disk does. */
    full: false,
    /** Writes wait for this. */
    held: Promise.resolve() as Promise<unknown>,
    open: async () => ({
      get: async (_store: string, id: string) => structuredClone(records.get(id)),
      delete: async (_store: string, id: string) => void records.delete(id),
      getAllFromIndex: async () => [...records.values()].sort((a, b) => a.createdAt - b.createdAt),
      transaction: () => {
        const [before, held] = [last, storage.held];
        let over = () => undefined as void;
        last = new Promise<void>((resolve) => (over = resolve));
        let failure: DOMException | undefined;
        return {
          store: {
            get: async (id: string) => {
              await Promise.all([before, held]);
              return structuredClone(records.get(id));
            },
            put: async (record: { id: string; createdAt: number }) => {
              if (storage.full) throw (failure = new DOMException('full', 'QuotaExceededError'));
              records.set(record.id, structuredClone(record));
            },
          },
          get done() {
            over();
            return failure ? Promise.reject(failure) : Promise.resolve();
          },
        };
      },
    }),
  };
  return storage;
}

/** Frames are drawn at once. @returns how many were */
export function testFrames(): { drawn: number } {
  const frames = { drawn: 0 };
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(() => (frames.drawn++, draw()), 0));
  vi.stubGlobal('cancelAnimationFrame', clearTimeout);
  return frames;
}
