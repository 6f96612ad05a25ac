import { StudioError } from '../../../models/errors';
import { createKey, listKeys, revokeKey } from '../../owners/keys';
import { localOwner } from '../../owners/signing';
import { parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { say, sayJson } from '../io';
import { keptFlags, keptHelp, withKept } from './kept';
import { when } from './lines';

const fields: Fields = {
  id: 'of new: its id',
  key: 'of new: the key',
  'keys[].id': 'of list: its id',
  'keys[].createdAt': 'when it was made, in UTC',
  'keys[].lastUsedAt': 'when it was last used, or null',
  revoked: 'of revoke: its id',
};

export const historyKey: Command = {
  summary: "keys to this machine's history: new, list, revoke",
  help: `npm run -s studio -- history key new | list | revoke ID [flags]

Whoever has an ownership key can read and delete all of the history in a browser.

  new                makes one and tells it, this once
  list               when each was made and last used
  revoke ID          ends one, and the browsers that came by it
${keptHelp}

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, keptFlags, { positionals: 2 });
    const [what, id] = positionals;
    return withKept(values, io, async ({ database }) => {
      if (what === 'new' && id === undefined) {
        const made = await createKey(database, localOwner);
        if (values.json) await sayJson(io, made);
        else await say(io, made.key);
      } else if (what === 'list' && id === undefined) {
        const keys = await listKeys(database, localOwner);
        if (values.json) await sayJson(io, { keys });
        else
          for (const { id: key, createdAt, lastUsedAt } of keys)
            await say(
              io,
              `${key}  made ${when(createdAt)}  ${lastUsedAt ? `last used ${when(lastUsedAt)}` : 'never used'}`,
            );
        if (!values.json && !keys.length) await say(io, 'There is no key to this history.');
      } else if (what === 'revoke' && id) {
        await revokeKey(database, localOwner, id);
        if (values.json) await sayJson(io, { revoked: id });
        else await say(io, `${id} is revoked.`);
      } else
        throw new StudioError(
          'option-invalid',
          'Say what to do: history key new, history key list, or history key revoke ID.',
        );
      return 0;
    });
  },
};
