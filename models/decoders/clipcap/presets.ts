import type { Preset } from '../option-spec';

/** The authors' `generate_beam` over a family's weights. */
export const clipcapBeamPreset: Preset = {
  name: "ClipCap's own beam",
  help: 'generate_beam of rmokady/CLIP_prefix_caption: five beams, mean log-probability, no heap of finished captions.',
  options: { search: 'clipcap-beam', beam: 5, maxTokens: 48, jointRerank: 0 },
};
