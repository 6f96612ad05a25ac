import type { Manifest } from '../../models/manifest';

/** Figures of a paper: BLEU-4, METEOR and CIDEr in percent, as the COCO evaluation computes them. */
export type PublishedFigures = {
  system: string;
  split: string;
  bleu4: number;
  meteor: number;
  cider: number;
  from: string;
};

const coco = 'COCO, Karpathy test (5,000 photos)';
const flickr = 'Flickr30k, Karpathy test (1,000 photos)';
const figures: Record<string, PublishedFigures[]> = {
  'clipcap-mlp': [
    {
      system: 'ClipCap, MLP and fine-tuned GPT-2',
      split: coco,
      bleu4: 32.15,
      meteor: 27.1,
      cider: 108.35,
      from: 'arXiv 2111.09734',
    },
  ],
  'clipcap-transformer': [
    {
      system: 'ClipCap, transformer and frozen GPT-2',
      split: coco,
      bleu4: 33.53,
      meteor: 27.45,
      cider: 113.08,
      from: 'arXiv 2111.09734',
    },
  ],
  capdec: [
    { system: 'CapDec trained on COCO', split: coco, bleu4: 26.4, meteor: 25.1, cider: 91.8, from: 'arXiv 2211.00575' },
    {
      system: 'CapDec trained on Flickr30k',
      split: flickr,
      bleu4: 17.7,
      meteor: 20.0,
      cider: 39.1,
      from: 'arXiv 2211.00575',
    },
  ],
  decap: [
    { system: 'DeCap trained on COCO', split: coco, bleu4: 24.7, meteor: 25.0, cider: 91.2, from: 'arXiv 2303.03032' },
    {
      system: 'DeCap trained on Flickr30k',
      split: flickr,
      bleu4: 21.2,
      meteor: 21.8,
      cider: 56.7,
      from: 'arXiv 2303.03032',
    },
  ],
  magic: [
    {
      system: "MAGIC, language model tuned on COCO's captions",
      split: coco,
      bleu4: 12.9,
      meteor: 17.4,
      cider: 49.3,
      from: 'arXiv 2205.02655',
    },
  ],
};

/** What the authors of a family's decoder published; nothing for decoders that they did not. */
export function publishedFigures({ graphs, decoders }: Manifest, decoder: string): PublishedFigures[] {
  if (!graphs) return [];
  if (decoder === 'clipcap') return figures[graphs['clipcap.mapper']?.network ?? ''] ?? [];
  // Other language models than MAGIC's own have no figures of its authors.
  if (decoder === 'iterative') return decoders.iterative?.languageModel?.vocabulary === 50259 ? figures.magic! : [];
  return figures[decoder] ?? [];
}
