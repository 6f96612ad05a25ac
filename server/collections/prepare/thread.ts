// A thread that reads photos for a collection: decoding and resizing keep it busy, and must not keep the engine's.
import { parentPort } from 'node:worker_threads';
import { nativeCall } from '../../../models/runtime/node-thread';
import { prepare } from '../../../models/spaces/prepared';
import { answerCalls } from '../../../models/worker/answer';
import { ownPort } from '../../engine/thread-port';
import { told } from '../../errors/told';
import { decodeImage } from '../../media/decode-image';
import type { PrepareCalls } from './messages';

answerCalls<PrepareCalls>(
  ownPort(parentPort!),
  {
    prepare: async ({ bytes, views, shrinkTo }, { give }) => {
      const { image } = await nativeCall(() => decodeImage(bytes, undefined, { shrinkTo }));
      const photo = prepare(image, views);
      for (const { buffer } of Object.values(photo.views)) give(buffer as ArrayBuffer);
      return photo;
    },
  },
  told,
);
