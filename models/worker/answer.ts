import { StudioError } from '../errors';
import { Stops } from '../stops';
import type { Calls, Emitted, FromWorker, Name, Port, ToWorker } from './messages';

/** What the answer to a call has beside what was asked. */
export type CallContext<Event> = {
  /** Fires when the caller wants no more of it. */ signal: AbortSignal;
  laneSignal: (lane: string) => AbortSignal;
  emit: (event: Event) => void;
  /** Has a buffer of the answer go over instead of being copied. */ give: (buffer: ArrayBuffer) => void;
};
export type Answers<C extends Calls> = {
  [K in Name<C>]: (
    asks: C[K]['asks'],
    context: CallContext<Emitted<C, K>>,
  ) => Promise<C[K]['answers']> | C[K]['answers'];
};

/**
 * Answers what comes in at a port, side by side. A call that fails, or that nobody here knows, is answered with its
 * error, as `told` words it, and takes no other with it. Returns what sends a note that is of no call.
 */
export function answerCalls<C extends Calls, Note = never>(
  port: Port,
  answers: Answers<C>,
  told: (error: unknown) => StudioError = StudioError.from,
): (note: Note) => void {
  const running = new Map<number, Stops>();
  type Sent = FromWorker<C, Note>;
  const send = (message: Sent, give: ArrayBuffer[] = []) => port.postMessage(message, give);

  async function answer({ id, call, asks }: Extract<ToWorker<C>, { kind: 'call' }>, stops: Stops): Promise<void> {
    try {
      if (!Object.hasOwn(answers, call))
        throw new StudioError('internal', `This worker knows no call "${String(call)}".`);
      const give: ArrayBuffer[] = [];
      const value = await answers[call](asks, {
        signal: stops.signal,
        laneSignal: (lane) => stops.laneSignal(lane),
        emit: (event) => send({ kind: 'event', id, event } as Sent),
        give: (buffer) => give.push(buffer),
      });
      send({ kind: 'done', id, value } as Sent, give);
    } catch (error) {
      const { code, message, details } = told(error).toData();
      const failed = { kind: 'failed', id, error: { code, message } } as const;
      try {
        send(details ? { ...failed, error: { ...failed.error, details } } : failed);
      } catch {
        // What is no data stays here.
        send(failed);
      }
    } finally {
      running.delete(id);
    }
  }

  port.onmessage = ({ data }) => {
    const message = data as ToWorker<C> | undefined;
    if (message?.kind === 'stop') return running.get(message.id)?.stop(message.lane);
    if (message?.kind !== 'call') return;
    const stops = new Stops();
    // Before anything is awaited: what stops it may be the next message.
    running.set(message.id, stops);
    void answer(message, stops);
  };
  return (note) => send({ kind: 'note', note });
}
