import { TRPCClientError } from '@trpc/client';
import type { ComparisonView, StreamItem } from '@/kept/comparison';
import { isPassing, type StudioClient } from '../client/client';
import { isRunning } from './snapshot';

/** Milliseconds until a studio that does not answer is asked again, the first time and at most. */
const [firstWait, longestWait] = [1_000, 15_000];
const cut = new TRPCClientError('cut');

type Heard = {
  /** The comparison as it stands, again where its stream was cut. */
  onView: (view: ComparisonView) => void;
  onItem: (item: StreamItem) => void;
  onEnd: () => void;
  /** Whether the studio answers; one that does not is asked again. */
  onAnswer: (answers: boolean) => void;
  /** Asking again would not help. */
  onFailure: (error: unknown) => void;
};

/**
 * Loads a comparison of the server, and hears of it while it runs, also over times in which nobody answers.
 * @returns what ends that, and when it was asked for the first time
 */
export function followServer(client: StudioClient, id: string, heard: Heard) {
  let [stopped, wait] = [false, firstWait];
  let again: ReturnType<typeof setTimeout> | undefined;
  let leave = () => undefined as void;
  const ask = async () => {
    let over = false;
    const end = () => {
      over = true;
      leave();
    };
    const lost = (error: unknown) => {
      if (stopped || over) return;
      end();
      if (!isPassing(error)) return heard.onFailure(error);
      heard.onAnswer(false);
      again = setTimeout(() => void ask(), wait);
      wait = Math.min(2 * wait, longestWait);
    };
    try {
      const view = await client.comparison.get.query({ id });
      if (stopped) return;
      heard.onView(view);
      if (!isRunning(view)) return heard.onEnd();
      const subscription = client.comparison.events.subscribe(
        { id, lastEventId: view.lastEventId },
        {
          onData: ({ data }) => {
            if (stopped || over) return;
            wait = firstWait;
            heard.onItem(data);
            if (data.kind !== 'ended') return;
            end();
            heard.onEnd();
          },
          onError: lost,
          // A stream that closes without an end was cut.
          onComplete: () => lost(cut),
          // The browser connects again by itself, and goes on after the last item.
          onConnectionStateChange: ({ state, error }) =>
            !stopped && !over && heard.onAnswer(state !== 'connecting' || !error),
        },
      );
      leave = () => subscription.unsubscribe();
    } catch (error) {
      lost(error);
    }
  };
  const stop = () => {
    stopped = true;
    clearTimeout(again);
    leave();
  };
  return { asked: ask(), stop };
}
