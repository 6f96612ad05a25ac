import { createInterface } from 'node:readline/promises';
import { StudioError } from '../../../models/errors';
import type { Io } from '../io';

/**
 * Asks for a yes on a terminal; without one, `--yes` must have said it. @throws option-invalid, cancelled
 */
export async function confirm(
  question: string,
  yes: boolean,
  { stdin: input, stderr: output, signal }: Pick<Io, 'stdin' | 'stderr' | 'signal'>,
): Promise<void> {
  if (yes) return;
  if (!input.isTTY || !output.isTTY)
    throw new StudioError('option-invalid', `${question} Nobody can be asked here: say --yes to agree.`);
  const lines = createInterface({ input, output });
  // Ctrl-C at the question is the terminal's, and would not reach the process; Ctrl-D ends the lines without one.
  const left = new Promise<never>((_, reject) => {
    lines.once('SIGINT', () => reject(new StudioError('cancelled', 'Cancelled.')));
    lines.once('close', () => reject(new StudioError('cancelled', 'Nothing was done.')));
  });
  left.catch(() => undefined);
  try {
    const answer = await Promise.race([lines.question(`${question} [y/N] `, { signal }), left]);
    if (!/^y(es)?$/i.test(answer.trim())) throw new StudioError('cancelled', 'Nothing was done.');
  } catch (error) {
    // What Ctrl-D and an abort of the signal make of the question.
    throw error instanceof Error && error.name === 'AbortError'
      ? new StudioError('cancelled', 'Nothing was done.', { cause: error })
      : error;
  } finally {
    lines.close();
  }
}
