import { router } from './init';
import { modelsRouter } from './models-router';
import { collectionRouter } from './procedures/collections';
import { cancelComparison } from './procedures/cancel-comparison';
import { comparisonEvents } from './procedures/comparison-events';
import { createComparison } from './procedures/create-comparison';
import { embedTexts } from './procedures/embed-texts';
import { extendComparison } from './procedures/extend-comparison';
import { frequencies } from './procedures/frequencies';
import { getComparison } from './procedures/get-comparison';
import { historyRouter, ownerRouter } from './procedures/history';
import { programsRouter } from './procedures/programs';
import { saveComparison } from './procedures/save-comparison';
import { replayRouter } from './procedures/replay';
import { shareRouter } from './procedures/share';
import { studioInfo } from './procedures/studio-info';

/** All that the page can ask, shapes in kept/requests.ts and kept/answers.ts. Pictures go by /api/images. */
export const appRouter = router({
  studio: router({ info: studioInfo, frequencies, embedTexts }),
  comparison: router({
    create: createComparison,
    extend: extendComparison,
    events: comparisonEvents,
    get: getComparison,
    cancel: cancelComparison,
    save: saveComparison,
  }),
  collection: collectionRouter,
  history: historyRouter,
  owner: ownerRouter,
  share: shareRouter,
  replay: replayRouter,
  models: modelsRouter,
  programs: programsRouter,
});
export type AppRouter = typeof appRouter;

/**
 * How it is served, in the studio and in tests. No batches: the page sends none, and one request with hundreds of calls
 * in it would be answered whole from memory.
 */
export const served = { router: appRouter, allowBatching: false } as const;
