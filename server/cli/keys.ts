import { newProgramKey } from '../../kept/programs';
import { StudioError } from '../../models/errors';
import { whatDoesNotFit } from '../env/zod-words';
import { createProgramKey, listProgramKeys, revokeProgramKey } from '../owners/program-keys';
import { localOwner } from '../owners/signing';
import { parse } from './args';
import { type Command, group } from './command';
import { fieldHelp, type Fields } from './fields';
import { keptFlags, keptHelp, withKept } from './history/kept';
import { when } from './history/lines';
import { say, sayJson } from './io';

const described = (line: string, more: string, fields: Fields) => `npm run -s studio -- keys ${line} [flags]

${more}
${keptHelp}

With --json one object:
${fieldHelp(fields)}`;

const newKey: Command = {
  summary: 'makes a key for a program and tells it, this once',
  help: described(
    'new --name NAME [--scope run|read]',
    `A program sends it as “Authorization: Bearer KEY”; docs/programs.md says what it can ask for. On the loopback none
is needed.

  --name NAME        what the key is for
  --scope SCOPE      run (also captions, embeds and keeps), or read   (run)`,
    { id: 'its id', key: 'the key' },
  ),
  async run(args, io) {
    const flags = { ...keptFlags, name: { type: 'string' }, scope: { type: 'string' } } as const;
    const { values } = parse(args, flags, { positionals: 0 });
    const wanted = newProgramKey.safeParse({ name: values.name ?? '', scope: values.scope ?? 'run' });
    if (!wanted.success) throw new StudioError('option-invalid', `--${whatDoesNotFit(wanted.error)}`);
    return withKept(values, io, async ({ database }) => {
      const made = await createProgramKey(database, localOwner, wanted.data);
      if (values.json) await sayJson(io, made);
      else await say(io, made.key);
      return 0;
    });
  },
};

const listKeys: Command = {
  summary: 'the keys, how often and when each was last used',
  help: described('list', 'Keys of this machine’s own person, oldest first.', {
    'keys[].id': 'its id',
    'keys[].name': 'what it is for',
    'keys[].scope': 'run or read',
    'keys[].createdAt': 'when it was made, in UTC',
    'keys[].lastUsedAt': 'when a program last asked by it, or null',
    'keys[].uses': 'how many requests it was let in with',
  }),
  async run(args, io) {
    const { values } = parse(args, keptFlags, { positionals: 0 });
    return withKept(values, io, async ({ database }) => {
      const keys = await listProgramKeys(database, localOwner);
      if (values.json) await sayJson(io, { keys });
      else if (!keys.length) await say(io, 'There is no key for programs.');
      else
        for (const { id, name, scope, createdAt, lastUsedAt, uses } of keys)
          await say(
            io,
            `${id}  ${scope.padEnd(4)}  made ${when(createdAt)}  ${lastUsedAt ? `${uses} uses, last ${when(lastUsedAt)}` : 'never used'}  ${name}`,
          );
      return 0;
    });
  },
};

const revokeKey: Command = {
  summary: 'ends a key: no program is let in by it any more',
  help: described('revoke ID', 'The id is the one that keys list shows.', { revoked: 'its id' }),
  async run(args, io) {
    const { values, positionals } = parse(args, keptFlags, { positionals: 1 });
    const [id] = positionals;
    if (!id) throw new StudioError('option-invalid', 'Name a key by its id; keys list shows them.');
    return withKept(values, io, async ({ database }) => {
      await revokeProgramKey(database, localOwner, id);
      if (values.json) await sayJson(io, { revoked: id });
      else await say(io, `${id} is revoked.`);
      return 0;
    });
  },
};

/** Keys by which other programs ask the studio's server. */
export const keys = group('keys', 'keys for programs that ask this studio over HTTP: new, list, revoke', {
  new: newKey,
  list: listKeys,
  revoke: revokeKey,
});
