import type { PublishedMode } from './published-mode';
import type { OptionSpec, OptionValues } from './option-spec';

/** The option that chooses between the studio's own ways and the authors'. */
export function modeOption(modes: readonly PublishedMode[]): OptionSpec {
  return {
    kind: 'choice',
    name: 'mode',
    title: 'Whose way of decoding',
    help: `studio: our own searches, by the other options. Compatible with the authors' code, which then decides in place of the options of the search: ${modes.map(({ name, does }) => `${name} (${does})`).join('; ')}.`,
    default: 'studio',
    choices: ['studio', ...modes.map(({ name }) => name)],
    does: {
      studio: 'Our own searches, by the options below.',
      ...Object.fromEntries(modes.map(({ name, does }) => [name, `As the authors’ code does it: ${does}.`])),
    },
  };
}

/** The mode that the options name; undefined for the studio's own. */
export function publishedMode(modes: readonly PublishedMode[], options: OptionValues): PublishedMode | undefined {
  return modes.find(({ name }) => name === options.mode);
}

/** The options with what a mode decides in their place. */
export function withMode(modes: readonly PublishedMode[], options: OptionValues): OptionValues {
  const mode = publishedMode(modes, options);
  if (!mode) return options;
  const { search, beam, maxTokens, candidates, degeneration, guidance } = mode;
  return {
    ...options,
    ...Object.fromEntries(
      Object.entries({ search, beam, maxTokens, candidates, degeneration, guidance }).filter(
        ([, value]) => value !== undefined,
      ),
    ),
  } as OptionValues;
}
