import { cocaModes } from './coca/modes';
import { clipText, huggingFaceText, lowerCaseText, magicText } from './published-text';
import type { PublishedMode } from './published-mode';
import type { OptionSpec, OptionValues } from './types';

const beamLoop = 'beam of 5 by mean log-probability, no list of finished captions, 67 tokens, stops at the full stop';
const modes: Record<string, readonly PublishedMode[]> = {
  coca: cocaModes,
  clipcap: [
    {
      name: 'clipcap-1ad805a-beam',
      does: `generate_beam: ${beamLoop}`,
      search: 'clipcap-beam',
      beam: 5,
      maxTokens: 67,
      text: huggingFaceText,
    },
    {
      name: 'clipcap-1ad805a-top-p',
      does: 'generate2, called top-p there: the nucleus of 0.8, and of it the likeliest token, which is greedy; 67 tokens',
      search: 'published-greedy',
      maxTokens: 67,
      text: huggingFaceText,
    },
  ],
  capdec: [
    {
      name: 'capdec-4451bfd',
      does: `predictions_runner.py: unit embedding, an offset is added and not made unit again, ${beamLoop}; lower case`,
      search: 'clipcap-beam',
      beam: 5,
      maxTokens: 67,
      text: lowerCaseText,
    },
  ],
  decap: [
    {
      name: 'decap-1c26934',
      does: 'inference_decap.ipynb: softmax of 100 × cosine over the whole memory, unit again, greedy, 30 tokens, begin token included',
      search: 'published-greedy',
      maxTokens: 30,
      text: clipText,
    },
  ],
  iterative: [
    {
      name: 'magic-acefac6',
      does: 'MAGIC on COCO: 45 candidates, α 0.1, β 2, logit scale 100, 15 tokens after the first; the photo cut as Hugging Face cuts it',
      search: 'magic',
      maxTokens: 15,
      candidates: 45,
      degeneration: 0.1,
      guidance: 2,
      text: magicText,
      crop: 'hugging-face',
    },
  ],
};

/** The option that chooses between the studio's own ways and the authors'. */
export function modeOption(decoder: string): OptionSpec {
  const own = modes[decoder] ?? [];
  return {
    kind: 'choice',
    name: 'mode',
    help: `studio: our own searches, by the other options. Compatible with the authors' code, which then decides in place of the options of the search: ${own.map(({ name, does }) => `${name} (${does})`).join('; ')}.`,
    default: 'studio',
    choices: ['studio', ...own.map(({ name }) => name)],
    does: {
      studio: 'Our own searches, by the options below.',
      ...Object.fromEntries(own.map(({ name, does }) => [name, `As the authors’ code does it: ${does}.`])),
    },
  };
}

/** The mode that the options name; undefined for the studio's own. */
export function publishedMode(decoder: string, options: OptionValues): PublishedMode | undefined {
  return modes[decoder]?.find(({ name }) => name === options.mode);
}

/** The options with what a mode decides in their place. */
export function withMode(decoder: string, options: OptionValues): OptionValues {
  const mode = publishedMode(decoder, options);
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

/** Names of the modes that follow the authors of a decoder. */
export const publishedModes = (decoder: string): string[] => (modes[decoder] ?? []).map(({ name }) => name);
