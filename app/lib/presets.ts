import type { OptionValue } from '@/models/decoders/types';
import { msg } from '../languages/msg';

export type Preset = { name: string; help: string; decoders: readonly string[]; options: Record<string, OptionValue> };

const prefix = ['clipcap', 'capdec', 'decap'];
const all = ['iterative', ...prefix, 'coca'];

/** Settings named after where they come from. They set how a caption is looked for; the weights stay the family's. */
export const presets: readonly Preset[] = [
  {
    name: msg("ClipCap's own beam"),
    help: msg(
      'generate_beam of rmokady/CLIP_prefix_caption: five beams, mean log-probability, no heap of finished captions.',
    ),
    decoders: ['clipcap', 'capdec'],
    options: { search: 'clipcap-beam', beam: 5, maxTokens: 48, jointRerank: 0 },
  },
  {
    name: msg("CapDec's own"),
    help: msg('DavidHuji/CapDec at inference: ClipCap’s beam, the offset only where it was trained with one.'),
    decoders: ['capdec'],
    options: { search: 'clipcap-beam', beam: 5, maxTokens: 48, useOffset: false, jointRerank: 0 },
  },
  {
    name: msg('DeCap τ=0.01'),
    help: msg('dhg-wei/DeCap: projection at temperature 1/100, greedy decoding.'),
    decoders: ['decap'],
    options: { tau: 0.01, search: 'greedy' },
  },
  {
    name: msg('DeCap without memory'),
    help: msg('The image embedding as it is: shows what the projection does.'),
    decoders: ['decap'],
    options: { project: false },
  },
  {
    name: msg("CoCa's own beam"),
    help: msg('open_clip’s generate defaults: six beams, at least five tokens.'),
    decoders: ['coca'],
    options: { search: 'beam', beam: 6, minTokens: 5, maxTokens: 30, rerank: 0, jointRerank: 0 },
  },
  {
    name: msg('MAGIC'),
    help: msg('yxuansu/MAGIC on COCO: 45 candidates, α 0.1, β 2, 16 tokens.'),
    decoders: all,
    options: { search: 'magic', candidates: 45, degeneration: 0.1, guidance: 2, maxTokens: 16 },
  },
  {
    name: msg('CLIP-guided beam'),
    help: msg('Ours: the joint embedding takes part in every step of a beam search.'),
    decoders: all,
    options: { search: 'guided-beam' },
  },
  {
    name: msg('Whole captions in rounds'),
    help: msg('Ours, in the manner of MILS: write, score, keep, vary.'),
    decoders: ['iterative'],
    options: { search: 'rounds' },
  },
  {
    name: msg('Greedy'),
    help: msg('The likeliest token each time.'),
    decoders: [...prefix, 'coca'],
    options: { search: 'greedy' },
  },
  {
    name: msg('Nucleus p=0.9'),
    help: msg('Sampling after Holtzman et al.: the likeliest tokens that together reach 0.9.'),
    decoders: [...prefix, 'coca'],
    options: { search: 'sample', topP: 0.9, topK: 0, temperature: 1 },
  },
];
export const presetsOf = (decoder: string) => presets.filter(({ decoders }) => decoders.includes(decoder));
