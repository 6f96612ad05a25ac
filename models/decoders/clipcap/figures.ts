import type { Manifest } from '../../manifest';
import { prefixGraphs } from '../prefix-graphs';
import { coco, figuresOf } from '../published-figures';

const from = 'arXiv 2111.09734';
const byMapper = {
  'clipcap-mlp': [
    { system: 'ClipCap, MLP and fine-tuned GPT-2', split: coco, bleu4: 32.15, meteor: 27.1, cider: 108.35, from },
  ],
  'clipcap-transformer': [
    { system: 'ClipCap, transformer and frozen GPT-2', split: coco, bleu4: 33.53, meteor: 27.45, cider: 113.08, from },
  ],
};

export const clipcapFigures = ({ graphs }: Manifest) =>
  figuresOf(byMapper, graphs[prefixGraphs('clipcap').mapper]?.network);
