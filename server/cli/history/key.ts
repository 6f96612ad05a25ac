import { localOwner } from '../../owners/signing';
import { keyCommand } from '../key-command';

export const historyKey = keyCommand({
  command: 'history key',
  owner: localOwner,
  summary: "keys to this machine's history",
  grants: 'Whoever has an ownership key can read and delete all of the history in a browser.',
  ends: 'the browsers that came by it',
  lastUsed: 'it was last used',
  none: 'There is no key to this history.',
});
