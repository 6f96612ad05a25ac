import { told } from '../errors/told';
import { caption } from './caption';
import { classify } from './classify';
import { collections } from './collections';
import { cancelled, type Command, commandNamed, listed } from './command';
import { decode } from './decode';
import { devices } from './devices';
import { embed } from './embed';
import { evaluate } from './evaluate';
import { history } from './history';
import { type Io, ReaderLeft, say, tell } from './io';
import { keys } from './keys';
import { map } from './map';
import { mcp } from './mcp';
import { memory } from './memory';
import { models } from './models';
import { reproduce } from './reproduce';
import { scoreCommand } from './score';
import { search } from './search';

const commands: Record<string, Command> = {
  caption,
  embed,
  decode,
  search,
  classify,
  map,
  memory,
  evaluate,
  score: scoreCommand,
  reproduce,
  collections,
  history,
  models,
  keys,
  mcp,
  devices,
};

const usage = `Caption Studio: what does this embedding say?

${listed(commands)}

npm run -s studio -- COMMAND --help explains one.`;

/**
 * The command line: runs the command that `args` name, in this process, with what `io` gives. Failures are told on
 * `io.stderr` and never thrown.
 * @returns the exit status: 0, 1 where something failed, 2 where the request was wrong, 130 where it was cancelled
 */
export async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    return await run(args, io);
  } catch (error) {
    if (error instanceof ReaderLeft) return 0;
    const { code, message } = told(error);
    tell(io, message);
    return code === 'cancelled' ? cancelled : code === 'option-invalid' || code === 'decoder-unknown' ? 2 : 1;
  }
}

async function run([name, ...rest]: readonly string[], io: Io): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    await say(io, usage);
    return name === undefined ? 2 : 0;
  }
  const command = commandNamed(name, commands, { usage });
  if (rest.includes('--help') || rest.includes('-h')) {
    await say(io, command.helpOf?.(rest) ?? command.help);
    return 0;
  }
  return command.run(rest, io);
}
