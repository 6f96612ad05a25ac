import type { Stage } from './inverted-residuals';

/** MobileNetV2 1.0 (Sandler et al. 2018, table 2): 2.2 million weights without its classifier. */
const mobilenetV2: readonly Stage[] = [
  { expansion: 1, channels: 16, blocks: 1, kernel: 3, stride: 1 },
  { expansion: 6, channels: 24, blocks: 2, kernel: 3, stride: 2 },
  { expansion: 6, channels: 32, blocks: 3, kernel: 3, stride: 2 },
  { expansion: 6, channels: 64, blocks: 4, kernel: 3, stride: 2 },
  { expansion: 6, channels: 96, blocks: 3, kernel: 3, stride: 1 },
  { expansion: 6, channels: 160, blocks: 3, kernel: 3, stride: 2 },
  { expansion: 6, channels: 320, blocks: 1, kernel: 3, stride: 1 },
];

/**
 * EfficientNet-Lite2: 4.8 million weights without its classifier. EfficientNet-B0 (Tan and Le 2019, table 1) without
 * squeeze-and-excite and
 * with ReLU6, its width times 1.1 in eighths and its depth times 1.2; the Lite family scales neither stem and head nor
 * the depth of the
 * first and last stage.
 */
const efficientNetLite2: readonly Stage[] = [
  { expansion: 1, channels: 16, blocks: 1, kernel: 3, stride: 1 },
  { expansion: 6, channels: 24, blocks: 3, kernel: 3, stride: 2 },
  { expansion: 6, channels: 48, blocks: 3, kernel: 5, stride: 2 },
  { expansion: 6, channels: 88, blocks: 4, kernel: 3, stride: 2 },
  { expansion: 6, channels: 120, blocks: 4, kernel: 5, stride: 1 },
  { expansion: 6, channels: 208, blocks: 5, kernel: 5, stride: 2 },
  { expansion: 6, channels: 352, blocks: 1, kernel: 3, stride: 1 },
];

/** Trunks of inverted residuals by the name that a family's manifest gives (`space.image.trunk`). */
export const trunks = { 'mobilenet-v2': mobilenetV2, 'efficientnet-lite2': efficientNetLite2 };
export type TrunkName = keyof typeof trunks;
