import { administrator } from '../../owners/signing';
import { keyCommand } from '../key-command';

export const modelsKey = keyCommand({
  command: 'models key',
  owner: administrator,
  summary: "administrators' keys of a studio that is open to others",
  grants:
    "Whoever has an administrator's key may pull, import, check and remove models in a browser, and read paths of this machine there.",
  use: 'enter it on the page Models',
  ends: 'the right of the browsers that showed it',
  lastUsed: 'a browser last showed it',
  none: "There is no administrator's key.",
});
