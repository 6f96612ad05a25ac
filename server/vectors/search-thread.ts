// A thread that holds some of the rows of a matrix, and searches them.
import { parentPort } from 'node:worker_threads';
import { StudioError } from '../../models/errors';
import type { RowShare } from '../../models/vectors/row-share';
import { answerCalls } from '../../models/worker/answer';
import { ownPort } from '../engine/thread-port';
import { told } from '../errors/told';
import { shareOfFile } from './share-of-file';
import type { SearchCalls } from './search-messages';

let share: RowShare | undefined;

answerCalls<SearchCalls>(
  ownPort(parentPort!),
  {
    load: (asks) => {
      share = shareOfFile(asks);
      return share.seal();
    },
    search: ({ query, most }) => {
      if (!share) throw new StudioError('internal', 'Rows were searched before they were read.');
      return share.search(query, most);
    },
  },
  told,
);
