import { StudioError } from '../../../models/errors';
import { createKey, listKeys, revokeKey } from '../../owners/keys';
import { administrator } from '../../owners/signing';
import { parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { keptFlags, keptHelp, withKept } from '../history/kept';
import { when } from '../history/lines';
import { say, sayJson } from '../io';

const fields: Fields = {
  id: 'of new: its id',
  key: 'of new: the key',
  'keys[].id': 'of list: its id',
  'keys[].createdAt': 'when it was made, in UTC',
  'keys[].lastUsedAt': 'when a browser last showed it, or null',
  revoked: 'of revoke: its id',
};

export const modelsKey: Command = {
  summary: "administrators' keys of a studio that is open to others: new, list, revoke",
  help: `npm run -s studio -- models key new | list | revoke ID [flags]

Whoever has an administrator's key may pull, import, check and remove models in a browser, and read paths of this machine there.

  new                makes one and tells it, this once; enter it on the page Models
  list               when each was made and last used
  revoke ID          ends one, and the right of the browsers that showed it
${keptHelp}

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, keptFlags, { positionals: 2 });
    const [what, id] = positionals;
    return withKept(values, io, async ({ database }) => {
      if (what === 'new' && id === undefined) {
        const made = await createKey(database, administrator);
        if (values.json) await sayJson(io, made);
        else await say(io, made.key);
      } else if (what === 'list' && id === undefined) {
        const keys = await listKeys(database, administrator);
        if (values.json) await sayJson(io, { keys });
        else
          for (const { id: key, createdAt, lastUsedAt } of keys)
            await say(
              io,
              `${key}  made ${when(createdAt)}  ${lastUsedAt ? `last used ${when(lastUsedAt)}` : 'never used'}`,
            );
        if (!values.json && !keys.length) await say(io, "There is no administrator's key.");
      } else if (what === 'revoke' && id) {
        await revokeKey(database, administrator, id);
        if (values.json) await sayJson(io, { revoked: id });
        else await say(io, `${id} is revoked.`);
      } else
        throw new StudioError(
          'option-invalid',
          'Say what to do: models key new, models key list, or models key revoke ID.',
        );
      return 0;
    });
  },
};
