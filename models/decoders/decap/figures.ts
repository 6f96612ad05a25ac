import type { Manifest } from '../../manifest';
import { prefixGraphs } from '../prefix-graphs';
import { coco, figuresOf, flickr } from '../published-figures';

const from = 'arXiv 2303.03032';
const byMapper = {
  'decap-linear': [
    { system: 'DeCap trained on COCO', split: coco, bleu4: 24.7, meteor: 25.0, cider: 91.2, from },
    { system: 'DeCap trained on Flickr30k', split: flickr, bleu4: 21.2, meteor: 21.8, cider: 56.7, from },
  ],
};

export const decapFigures = ({ graphs }: Manifest) =>
  figuresOf(byMapper, graphs[prefixGraphs('decap').mapper]?.network);
