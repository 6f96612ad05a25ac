import { forVisitors } from '../errors/for-visitors';
import { told } from '../errors/told';
import type { Call } from './operation';

const encoder = new TextEncoder();

/**
 * Bytes of text that is made as it is read: who reads slowly makes the work wait, who leaves ends it.
 * @param leave tells the work that whoever asked has gone
 * @param end called once, when all was read or nobody reads on
 */
export function streamOf({ leave }: Pick<Call, 'leave'>, end: () => Promise<void>, texts: AsyncGenerator<string>) {
  return new Response(
    new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await texts.next();
          if (!done) return controller.enqueue(encoder.encode(value));
          await end();
          controller.close();
        },
        async cancel() {
          leave();
          await texts.return(undefined).catch(() => undefined);
          await end();
        },
      },
      { highWaterMark: 0 },
    ),
    { headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' } },
  );
}

/**
 * Server-sent events of what happens, each with its name. A fault on the way is the last event, `error`: the status was
 * sent already.
 */
export function serverSentEvents<T>(
  call: Pick<Call, 'leave' | 'settings'>,
  end: () => Promise<void>,
  parts: AsyncGenerator<T>,
  named: (part: T) => [name: string, data: object],
): Response {
  const event = (name: string, data: object) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
  async function* texts() {
    try {
      for await (const part of parts) yield event(...named(part));
    } catch (error) {
      yield event('error', { error: forVisitors(told(error), call.settings).toData() });
    }
  }
  return streamOf(call, end, texts());
}
