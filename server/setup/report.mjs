// What the setup scripts tell the person in front of the terminal. No dependencies: it runs before they are installed.
const began = performance.now();
export const seconds = (since = began) => ((performance.now() - since) / 1000).toFixed(1);

export const say = (text) => console.log(`[${seconds().padStart(6)} s] ${text}`);

/** A failure that the person can mend: shown as its message alone, without a stack. */
export class SetupError extends Error {}

/** Runs one step, says that it began, that it is still at work, and how long it took. */
export async function step(title, work) {
  const start = performance.now();
  say(`${title} ...`);
  const ticker = setInterval(() => say(`${title} ... still at it after ${seconds(start)} s`), 15_000);
  try {
    const result = await work();
    say(`${title}: done in ${seconds(start)} s`);
    return result;
  } finally {
    clearInterval(ticker);
  }
}

/** Ends the process: the message of a SetupError, everything of any other error. */
export function fail(error) {
  if (isDiskFull(error))
    console.error(
      '\nThe disk is full. Free some space (about 3 GB for a fresh clone) and run the same command again: it goes on where it stopped.',
    );
  else if (error instanceof SetupError) console.error(`\n${error.message}`);
  else console.error(error);
  process.exit(1);
}

export const isDiskFull = (error) =>
  error?.code === 'ENOSPC' || /ENOSPC|no space left on device/i.test(String(error?.message ?? error));
