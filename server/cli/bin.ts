// The command line as a program of its own: `main` with this process's streams, folder, environment and signals.
import { tellOnCommandLine, told } from '../errors/told';
import { cancelled } from './command';
import { main } from './main';
import { processIo } from './process-io';

/** Exit status of a program that a signal ended. */
const statusOf = { SIGHUP: 129, SIGINT: cancelled, SIGTERM: 143 };

tellOnCommandLine();
process.once('uncaughtException', (error) => {
  process.stderr.write(`${told(error).message}\n`);
  process.exit(1);
});
const controller = new AbortController();
let ended = cancelled;
for (const [signal, status] of Object.entries(statusOf))
  // What cannot stop by itself in time is ended; a second signal ends it at once.
  process.once(signal, () => {
    ended = status;
    controller.abort();
    setTimeout(() => process.exit(status), 2000).unref();
  });

const status = await main(process.argv.slice(2), processIo(controller.signal));
process.exitCode = status === cancelled ? ended : status;
