import type { PreparedPhoto, View } from '../../../models/spaces/prepared';

/** What is asked of a thread that prepares photos. */
export type PrepareCalls = {
  prepare: {
    asks: { bytes: Uint8Array; views: readonly View[]; /** See decode-image.ts. */ shrinkTo?: number };
    answers: PreparedPhoto;
  };
};
