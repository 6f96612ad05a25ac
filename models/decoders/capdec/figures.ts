import type { Manifest } from '../../manifest';
import { prefixGraphs } from '../prefix-graphs';
import { coco, figuresOf, flickr } from '../published-figures';

const from = 'arXiv 2211.00575';
const trained = [
  { system: 'CapDec trained on COCO', split: coco, bleu4: 26.4, meteor: 25.1, cider: 91.8, from },
  { system: 'CapDec trained on Flickr30k', split: flickr, bleu4: 17.7, meteor: 20.0, cider: 39.1, from },
];

export const capdecFigures = ({ graphs }: Manifest) =>
  figuresOf({ 'clipcap-mlp': trained, 'clipcap-transformer': trained }, graphs[prefixGraphs('capdec').mapper]?.network);
