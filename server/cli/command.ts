import { nearest } from '../../models/decoders/options';
import { StudioError } from '../../models/errors';
import type { Io } from './io';

export type Command = {
  /** In a few words, for the list of commands. */
  summary: string;
  help: string;
  /** The help of a command that has commands of its own. */
  helpOf?(args: readonly string[]): string;
  /** @returns the exit status */
  run(args: readonly string[], io: Io): Promise<number>;
};

/** Exit status of a program that Ctrl-C ended. */
export const cancelled = 130;

/** The commands as a list for `--help`, a line each. */
export function listed(commands: Record<string, Command>): string {
  const width = Math.max(...Object.keys(commands).map(({ length }) => length));
  return Object.entries(commands)
    .map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`)
    .join('\n');
}

/** The command of that name. @throws option-invalid with the nearest name, and the usage */
export function commandNamed(
  name: string,
  commands: Record<string, Command>,
  { prefix = '', usage }: { prefix?: string; usage: string },
): Command {
  if (Object.hasOwn(commands, name)) return commands[name]!;
  const near = nearest(name, Object.keys(commands));
  throw new StudioError(
    'option-invalid',
    `There is no command "${prefix}${name}".${near ? ` Did you mean "${prefix}${near}"?` : ''}\n\n${usage}`,
  );
}

/** A command that has commands of its own: `models list`. */
export function group(name: string, summary: string, commands: Record<string, Command>): Command {
  const usage = `npm run -s studio -- ${name} COMMAND [flags]

${listed(commands)}

npm run -s studio -- ${name} COMMAND --help explains one.`;
  return {
    summary,
    help: usage,
    helpOf: ([first]) => (first !== undefined && Object.hasOwn(commands, first) ? commands[first]!.help : usage),
    async run([first, ...rest], io) {
      if (first === undefined) throw new StudioError('option-invalid', `Say what to do with ${name}.\n\n${usage}`);
      return commandNamed(first, commands, { prefix: `${name} `, usage }).run(rest, io);
    },
  };
}
