import type { CDPSession, Page } from '@playwright/test';
import { prependToEngine } from './browser-pictures';

type Sent = { sessionId: string; message: string };
type Attached = { sessionId: string; targetInfo: { url: string } };
type HeapUsage = { usedSize: number; embedderHeapUsedSize: number; backingStorageSize: number };
type Ask = (method: string, params?: Record<string, unknown>) => Promise<unknown>;

/**
 * What a page and its engine's worker hold after a garbage collection, in bytes: JavaScript, what the browser keeps for
 * it, array buffers, and WebAssembly. Asked of each of the two threads: `measureUserAgentSpecificMemory` asks every
 * thread of WebAssembly too, which sleep and do not answer, and waits a minute for them each time.
 * Before the page is loaded.
 * @returns to be called when the worker runs
 */
export async function watchMemory(page: Page): Promise<() => Promise<number>> {
  await tellWebAssembly(page);
  const session = await page.context().newCDPSession(page);
  let engine: Ask | undefined;
  session.on('Target.attachedToTarget', ({ sessionId, targetInfo }: Attached) => {
    if (targetInfo.url.endsWith('/engine/worker.js')) engine ??= askOf(session, sessionId);
  });
  await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  return async () => {
    if (!engine) throw new Error('The engine has no worker yet.');
    const page: Ask = (method, params) => session.send(method as 'Runtime.getHeapUsage', params as undefined);
    return (await held(page)) + (await held(engine));
  };
}

/** How a worker is asked through the session of its page. */
function askOf(session: CDPSession, sessionId: string): Ask {
  let asked = 0;
  return (method, params) => {
    const id = ++asked;
    return new Promise((resolve, reject) => {
      const listen = ({ sessionId: from, message }: Sent) => {
        const answer = JSON.parse(message) as { id?: number; result?: unknown; error?: { message: string } };
        if (from !== sessionId || answer.id !== id) return;
        session.off('Target.receivedMessageFromTarget', listen);
        if (answer.error) reject(new Error(answer.error.message));
        else resolve(answer.result);
      };
      session.on('Target.receivedMessageFromTarget', listen);
      session
        .send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) })
        .catch(reject);
    });
  };
}

async function held(ask: Ask): Promise<number> {
  await ask('HeapProfiler.collectGarbage');
  const { usedSize, embedderHeapUsedSize, backingStorageSize } = (await ask('Runtime.getHeapUsage')) as HeapUsage;
  const { result } = (await ask('Runtime.evaluate', { expression: 'globalThis.wasmBytes?.() ?? 0' })) as {
    result: { value: number };
  };
  return usedSize + embedderHeapUsedSize + backingStorageSize + result.value;
}

/**
 * Memory that threads of WebAssembly share is nobody's in particular, and so in none of a heap's own numbers: the
 * worker tells it.
 */
const tellWebAssembly = (page: Page) =>
  prependToEngine(
    page.context(),
    `const memories = [];
     globalThis.wasmBytes = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
     WebAssembly.Memory = class extends WebAssembly.Memory {
       constructor(...args) { super(...args); memories.push(this); }
     };`,
  );
