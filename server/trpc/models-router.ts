import { router } from './init';
import { administer } from './procedures/models/administer';
import { cancelModelJob } from './procedures/models/cancel';
import { discardModel } from './procedures/models/discard';
import { modelEvents } from './procedures/models/events';
import { importModel } from './procedures/models/import';
import { listModels } from './procedures/models/list';
import { planPull } from './procedures/models/plan';
import { pullModel } from './procedures/models/pull';
import { removeModel } from './procedures/models/remove';
import { verifyModel } from './procedures/models/verify';

/** The catalog: families that are here, and those that can be pulled or imported. */
export const modelsRouter = router({
  administer,
  list: listModels,
  plan: planPull,
  pull: pullModel,
  import: importModel,
  verify: verifyModel,
  cancel: cancelModelJob,
  remove: removeModel,
  discard: discardModel,
  events: modelEvents,
});
