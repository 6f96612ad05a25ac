import { nearest } from '../../models/decoders/options';
import { StudioError } from '../../models/errors';
import { caption } from './caption';
import { decode } from './decode';
import { devices } from './devices';
import { embed } from './embed';
import { evaluate } from './evaluate';
import { history } from './history';
import { models } from './models';
import { reproduce } from './reproduce';
import { scoreCommand } from './score';

export type Command = {
  summary: string;
  help: string;
  /** The help of a command that has commands of its own. */
  helpOf?(args: readonly string[]): string;
  /** @returns the exit status */
  run(args: readonly string[], signal: AbortSignal): Promise<number>;
};
const commands: Record<string, Command> = {
  caption,
  embed,
  decode,
  evaluate,
  score: scoreCommand,
  reproduce,
  history,
  models,
  devices,
};

/** Exit status of a program that Ctrl-C ended. */
const cancelled = 130;

const usage = `Caption Studio: what does this embedding say?

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

npm run -s studio -- COMMAND --help explains one.`;

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(usage);
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    const near = nearest(name, Object.keys(commands));
    throw new StudioError(
      'option-invalid',
      `There is no command "${name}".${near ? ` Did you mean "${near}"?` : ''}\n\n${usage}`,
    );
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(command.helpOf?.(rest) ?? command.help);
    return 0;
  }
  const controller = new AbortController();
  // What cannot stop by itself in time is ended; a second Ctrl-C ends it at once.
  process.once('SIGINT', () => {
    controller.abort();
    setTimeout(() => process.exit(cancelled), 2000).unref();
  });
  return command.run(rest, controller.signal);
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
main(process.argv.slice(2)).then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    const { code, message } = StudioError.from(error);
    console.error(code === 'internal' && error instanceof Error ? (error.stack ?? message) : message);
    process.exitCode =
      code === 'cancelled' ? cancelled : code === 'option-invalid' || code === 'decoder-unknown' ? 2 : 1;
  },
);
