import type { Page } from '@playwright/test';
import type { FromWorker } from '../models/worker/messages';
import type { EngineCalls } from '../app/engine/messages';

/** Asks the browser's engine in a worker of the test's own; `onEvent` gets what the call emits. */
export type AskEngine = <K extends keyof EngineCalls & string>(
  call: K,
  asks: EngineCalls[K]['asks'],
  onEvent?: (event: unknown) => void,
) => Promise<EngineCalls[K]['answers']>;

/** From the next load on `askEngine` is there for what the test evaluates in the page. */
export const giveEngine = (page: Page) =>
  page.addInitScript(() => {
    let worker: Worker | undefined;
    let calls = 0;
    const ask = (call: string, asks: unknown, onEvent?: (event: unknown) => void) =>
      new Promise((resolve, reject) => {
        worker ??= new Worker('/engine/worker.js', { type: 'module' });
        const id = ++calls;
        const listen = ({ data }: MessageEvent<FromWorker<EngineCalls>>) => {
          if (data.kind === 'note' || data.id !== id) return;
          if (data.kind === 'event') return onEvent?.(data.event);
          worker!.removeEventListener('message', listen);
          if (data.kind === 'done') resolve(data.value);
          else reject(new Error(data.error.message));
        };
        worker.addEventListener('message', listen);
        worker.addEventListener('error', () => reject(new Error('The worker of the engine broke.')));
        worker.postMessage({ kind: 'call', id, call, asks });
      });
    Object.assign(globalThis, { askEngine: ask });
  });
