import type { RgbImage } from './image';
import { type Filter, resize } from './resize';

/** How a space's image tower was fed in training. `squash`: the whole photo, aspect not kept; `x/127.5-1`: RGB in [-1, 1]. */
export type ImageSpec = { size: number; fit: 'squash'; filter: Filter; scale: string };

/** [3, size, size], ready for the image tower. */
export function preprocess(image: RgbImage, spec: ImageSpec): Float32Array {
  const { data } = resize(image, { width: spec.size, height: spec.size }, spec.filter);
  const plane = spec.size * spec.size;
  const out = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) for (let c = 0; c < 3; c++) out[c * plane + i] = data[i * 3 + c]! / 127.5 - 1;
  return out;
}
