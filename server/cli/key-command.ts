import { StudioError } from '../../models/errors';
import { createKey, listKeys, revokeKey } from '../owners/keys';
import { parse } from './args';
import type { Command } from './command';
import { fieldHelp, type Fields } from './fields';
import { keptFlags, keptHelp, withKept } from './history/kept';
import { when } from './history/lines';
import { say, sayJson } from './io';

/** What keys of an owner are called, and what they are good for, in the words of the command that makes them. */
export type KeyWords = {
  /** As it is called: `history key`. */ command: string;
  owner: string;
  summary: string;
  /** What whoever has one may do. */ grants: string;
  /** What to do with a new one, after a semicolon; nothing where it is plain. */ use?: string;
  /** What ends beside a key that is revoked. */ ends: string;
  lastUsed: string;
  none: string;
};

/** The command that makes, lists and revokes the keys of an owner. */
export function keyCommand({ command, owner, summary, grants, use, ends, lastUsed, none }: KeyWords): Command {
  const fields: Fields = {
    id: 'of new: its id',
    key: 'of new: the key',
    'keys[].id': 'of list: its id',
    'keys[].createdAt': 'when it was made, in UTC',
    'keys[].lastUsedAt': `when ${lastUsed}, or null`,
    revoked: 'of revoke: its id',
  };
  return {
    summary: `${summary}: new, list, revoke`,
    help: `npm run -s studio -- ${command} new | list | revoke ID [flags]

${grants}

  new                makes one and tells it, this once${use ? `; ${use}` : ''}
  list               when each was made and last used
  revoke ID          ends one, and ${ends}
${keptHelp}

With --json one object:
${fieldHelp(fields)}`,
    async run(args, io) {
      const { values, positionals } = parse(args, keptFlags, { positionals: 2 });
      const [what, id] = positionals;
      return withKept(values, io, async ({ database }) => {
        if (what === 'new' && id === undefined) {
          const made = await createKey(database, owner);
          if (values.json) await sayJson(io, made);
          else await say(io, made.key);
        } else if (what === 'list' && id === undefined) {
          const keys = await listKeys(database, owner);
          if (values.json) await sayJson(io, { keys });
          else
            for (const { id: key, createdAt, lastUsedAt } of keys)
              await say(
                io,
                `${key}  made ${when(createdAt)}  ${lastUsedAt ? `last used ${when(lastUsedAt)}` : 'never used'}`,
              );
          if (!values.json && !keys.length) await say(io, none);
        } else if (what === 'revoke' && id) {
          await revokeKey(database, owner, id);
          if (values.json) await sayJson(io, { revoked: id });
          else await say(io, `${id} is revoked.`);
        } else
          throw new StudioError(
            'option-invalid',
            `Say what to do: ${command} new, ${command} list, or ${command} revoke ID.`,
          );
        return 0;
      });
    },
  };
}
