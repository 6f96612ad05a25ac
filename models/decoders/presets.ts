import type { Preset } from './option-spec';

/** Presets that several decoders share. */
export const magicPreset: Preset = {
  name: 'MAGIC',
  help: 'yxuansu/MAGIC on COCO: 45 candidates, α 0.1, β 2, 16 tokens.',
  options: { search: 'magic', candidates: 45, degeneration: 0.1, guidance: 2, maxTokens: 16 },
};
export const guidedPreset: Preset = {
  name: 'CLIP-guided beam',
  help: 'Ours: the joint embedding takes part in every step of a beam search.',
  options: { search: 'guided-beam' },
};
const greedyPreset: Preset = {
  name: 'Greedy',
  help: 'The likeliest token each time.',
  options: { search: 'greedy' },
};
const nucleusPreset: Preset = {
  name: 'Nucleus p=0.9',
  help: 'Sampling after Holtzman et al.: the likeliest tokens that together reach 0.9.',
  options: { search: 'sample', topP: 0.9, topK: 0, temperature: 1 },
};

/** Of every decoder whose search is one of `searches` (prefix.ts), behind its own. */
export const searchPresets: readonly Preset[] = [magicPreset, guidedPreset, greedyPreset, nucleusPreset];
