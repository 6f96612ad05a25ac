import type { PublishedFigures } from './types';

export const coco = 'COCO, Karpathy test (5,000 photos)';
export const flickr = 'Flickr30k, Karpathy test (1,000 photos)';

/** The figures of the network that makes a decoder's prefix; weights of the studio's own were published by nobody. */
export const figuresOf = (
  byNetwork: Readonly<Record<string, readonly PublishedFigures[]>>,
  network: string | undefined,
): readonly PublishedFigures[] =>
  network !== undefined && Object.hasOwn(byNetwork, network) ? byNetwork[network]! : [];
