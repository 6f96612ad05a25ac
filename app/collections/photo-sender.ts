import { createStore, type StoreApi } from 'zustand/vanilla';
import type { StudioInfo } from '@/kept/answers';
import type { CollectionStart } from '@/kept/collections/requests';
import { problemOf, type StudioClient } from '../client/client';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';
import { folderOf, keysOf, sendPhotos } from './send-photos';

/** Photos on their way to the studio, `total` of them; or why they could not be sent. */
export type SenderState = { sending: { sent: number; total: number } | undefined; problem: Problem | undefined };

/** Sends the photos of one page, and makes collections of them. */
export type PhotoSender = {
  store: StoreApi<SenderState>;
  /** What goes wrong is told in the state; nothing is thrown. */
  send: (
    files: readonly File[],
    wish: Pick<CollectionStart, 'family' | 'lanes'>,
    limits: Pick<StudioInfo['limits'], 'uploadBytes'>,
  ) => Promise<void>;
  cancel: () => void;
};

/** @param begun goes to the collection that was made */
export function createSender(client: StudioClient, begun: (id: string) => void): PhotoSender {
  const store = createStore<SenderState>(() => ({ sending: undefined, problem: undefined }));
  let stop: AbortController | undefined;
  return {
    store,
    cancel: () => stop?.abort(),
    send: async (files, wish, { uploadBytes }) => {
      if (stop)
        return store.setState({
          problem: { message: msg('Photos are being sent already. Give these afterwards, or cancel the others.') },
        });
      const { signal } = (stop = new AbortController());
      store.setState({ problem: undefined, sending: { sent: 0, total: files.length } });
      // A closed tab would take with it what is still to be sent.
      const ask = (event: Event) => event.preventDefault();
      window.addEventListener('beforeunload', ask);
      try {
        const upload = await sendPhotos(client, files, {
          title: folderOf(keysOf(files)),
          limitBytes: uploadBytes,
          signal,
          onProgress: (sent) => store.setState({ sending: { sent, total: files.length } }),
        });
        begun((await client.collection.start.mutate({ of: { kind: 'sent', upload }, ...wish })).id);
      } catch (error) {
        if (!signal.aborted) store.setState({ problem: problemOf(error) });
      } finally {
        window.removeEventListener('beforeunload', ask);
        stop = undefined;
        store.setState({ sending: undefined });
      }
    },
  };
}
