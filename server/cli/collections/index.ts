import { group } from '../command';
import { listRuns } from './list';
import { cancelRun, pauseRun } from './set';
import { showRun } from './show';

/** Runs of collections, as `caption` and `embed` began them. */
export const collections = group('collections', 'runs of collections: list, show, pause, cancel', {
  list: listRuns,
  show: showRun,
  pause: pauseRun,
  cancel: cancelRun,
});
