import { nearest } from '../../../models/decoders/options';
import { StudioError } from '../../../models/errors';
import type { Command } from '../main';
import { importModel } from './import';
import { listModels } from './list';
import { pullModel } from './pull';
import { removeModel } from './remove';
import { verifyModels } from './verify';

const commands: Record<string, Command> = {
  list: listModels,
  pull: pullModel,
  import: importModel,
  verify: verifyModels,
  remove: removeModel,
};
const usage = `npm run -s studio -- models COMMAND [flags]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join('\n')}

npm run -s studio -- models COMMAND --help explains one.`;

export const models: Command = {
  summary: 'families: list, pull, import, verify, remove',
  help: usage,
  helpOf: (args) => (args[0] !== undefined && Object.hasOwn(commands, args[0]) ? commands[args[0]]!.help : usage),
  run(args, signal) {
    const [name, ...rest] = args;
    const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command) return command.run(rest, signal);
    const near = name === undefined ? undefined : nearest(name, Object.keys(commands));
    throw new StudioError(
      'option-invalid',
      `${name === undefined ? 'Say what to do with models.' : `There is no command "models ${name}".${near ? ` Did you mean "models ${near}"?` : ''}`}\n\n${usage}`,
    );
  },
};
