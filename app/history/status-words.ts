import { msg } from '../languages/msg';

/** How a comparison or a lane stands, in a word. */
export const statusWords: Readonly<Record<string, string>> = {
  queued: msg('queued'),
  waiting: msg('waiting'),
  running: msg('running'),
  finished: msg('done'),
  failed: msg('failed'),
  cancelled: msg('cancelled'),
  interrupted: msg('interrupted'),
  unfit: msg('not for this input'),
};
