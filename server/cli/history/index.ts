import { group } from '../command';
import { exportHistory } from './export';
import { importHistory } from './import';
import { historyKey } from './key';
import { listHistory } from './list';
import { historyRatings } from './ratings';
import { replayHistory } from './replay';
import { showHistory } from './show';

/** The comparisons of this machine's own owner, the same that the page shows on the loopback. */
export const history = group('history', 'comparisons that were kept: list, show, export, import, replay, ratings', {
  list: listHistory,
  show: showHistory,
  export: exportHistory,
  import: importHistory,
  replay: replayHistory,
  ratings: historyRatings,
  key: historyKey,
});
