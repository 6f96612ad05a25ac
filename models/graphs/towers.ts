import { textTowerOf } from '../manifest';
import { buildPocketImageTower } from '../networks/pocket-image-tower';
import { pocketImageTower, pocketTextTower } from '../networks/pocket-keys';
import { clipResNet, clipTextTower, clipVit } from '../networks/published-keys';
import { buildResNetTower } from '../networks/resnet';
import { buildTextTower } from '../networks/text-tower';
import { buildVit } from '../networks/vit';
import { activation, sizes } from './settings';
import type { Network } from './spec';

/** Of a photo's tower: its embedding decides what every decoder says. */
export const imageTower = { fallback: 'cpu', precision: 'exact' } as const;
/** Of a text tower of the space: it keeps the beginnings that texts share. */
export const textTower = { fallback: 'cpu', precision: 'measured', cache: textTowerOf } as const;

/** Towers of spaces. Settings are the sizes that published-keys.ts asks for, checked by every tensor's shape. */
export const towerNetworks: Record<string, Network> = {
  'pocket-image-tower': {
    ...imageTower,
    build: (weights, options, _, { space }) =>
      buildPocketImageTower(pocketImageTower(undefined, space.image), weights, options),
  },
  'pocket-text-tower': {
    ...textTower,
    precision: 'exact',
    build: (weights, options) => buildTextTower(pocketTextTower(), weights, options),
  },
  'clip-vit': {
    ...imageTower,
    precision: 'measured-integers',
    build: (weights, options, settings) =>
      buildVit(
        clipVit(sizes(settings, 'size', 'patch', 'width', 'layers', 'heads', 'dim'), activation(settings)),
        weights,
        options,
      ),
  },
  'clip-resnet': {
    ...imageTower,
    build: (weights, options, settings) =>
      buildResNetTower(
        clipResNet(sizes(settings, 'size', 'width', 'heads', 'dim', 'layers1', 'layers2', 'layers3', 'layers4')),
        weights,
        options,
      ),
  },
  'clip-text': {
    ...textTower,
    build: (weights, options, settings) =>
      buildTextTower(
        clipTextTower(
          sizes(settings, 'width', 'layers', 'heads', 'vocabulary', 'positions', 'dim'),
          activation(settings),
        ),
        weights,
        options,
      ),
  },
};
