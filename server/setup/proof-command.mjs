import { proofs } from './proofs.mjs';
import { SetupError } from './report.mjs';

export const listOfProofs = (all = proofs) =>
  `Long proofs; npm test runs a small copy of each.\n\n${Object.entries(all)
    .map(
      ([name, { says, takes, small }]) =>
        `  npm run proof -- ${name}\n    ${says}.\n    Takes ${takes}. Small copy: ${small}`,
    )
    .join('\n')}`;

/**
 * What a proof's name and the words after it mean: NAME=value becomes part of the environment, all else goes to the
 * runner.
 * @param {string} name
 * @param {string[]} words
 * @returns {{ runner: 'vitest' | 'playwright' | 'script', args: string[], env: Record<string, string> }}
 * @throws SetupError for an unknown name, with those that there are
 */
export function proofCommand(name, words, all = proofs) {
  if (!Object.hasOwn(all, name)) throw new SetupError(`There is no proof "${name}". ${listOfProofs(all)}`);
  const { vitest, playwright, script, env = {} } = all[name];
  const settings = words.filter((word) => /^[A-Z][A-Z0-9_]*=/.test(word));
  const args = words.filter((word) => !settings.includes(word));
  return {
    runner: vitest ? 'vitest' : playwright ? 'playwright' : 'script',
    args: [...(vitest ?? playwright ?? [script]), ...args],
    env: { ...env, ...Object.fromEntries(settings.map((word) => word.split(/=(.*)/s).slice(0, 2))) },
  };
}
