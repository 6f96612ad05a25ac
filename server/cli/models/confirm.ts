import { createInterface } from 'node:readline/promises';
import { StudioError } from '../../../models/errors';

/**
 * Asks for a yes on a terminal; without one, `--yes` must have said it. @throws option-invalid, cancelled
 */
export async function confirm(question: string, yes: boolean, signal: AbortSignal): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new StudioError('option-invalid', `${question} Nobody can be asked here: say --yes to agree.`);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C at the question is the terminal's, and would not reach the process.
  const interrupted = new Promise<never>((_, reject) => lines.once('SIGINT', () => reject(new StudioError('cancelled', 'Cancelled.'))));
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), interrupted]);
    if (!/^y(es)?$/i.test(answer.trim())) throw new StudioError('cancelled', 'Nothing was done.');
  } finally {
    lines.close();
  }
}
