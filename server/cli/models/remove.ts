import { StudioError } from '../../../models/errors';
import { amount } from '../../../models/units';
import { parse } from '../args';
import type { Command } from '../command';
import { fieldHelp, type Fields } from '../fields';
import { say, sayJson } from '../io';
import { catalogOf } from './catalog';
import { confirm } from './confirm';

const fields: Fields = {
  name: 'the name of the family',
  bytes: 'what became free',
};

export const removeModel: Command = {
  summary: 'removes an installed family, or what an unfinished pull left',
  help: `npm run -s studio -- models remove NAME [--yes] [--json]

Refused while a comparison, here or in a running studio, uses the family. Families that were made on top of it keep their own files.

  --yes    agree without being asked
  --json   machine-readable output

With --json one object:
${fieldHelp(fields)}`,
  async run(args, io) {
    const { values, positionals } = parse(args, { yes: { type: 'boolean' }, json: { type: 'boolean' } });
    const [name, ...more] = positionals;
    if (name === undefined || more.length)
      throw new StudioError(
        'option-invalid',
        'Name one family: npm run -s studio -- models remove NAME. `models list` shows them.',
      );
    const { store } = catalogOf(io);
    const installed = (await store.list()).some((family) => family.name === name);
    const partial = (await store.unfinished()).some((pull) => pull.name === name);
    if (!installed && !partial) await store.open(name);
    await confirm(
      installed ? `Remove the family ${name}?` : `Throw away what was pulled of ${name}?`,
      values.yes === true,
      io,
    );
    const { bytes } = installed ? await store.remove(name) : await store.discard(name);
    if (values.json) await sayJson(io, { name, bytes });
    else await say(io, `${name} is removed; ${amount(bytes)} became free.`);
    return 0;
  },
};
