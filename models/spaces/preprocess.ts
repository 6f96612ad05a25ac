import type { RgbImage } from './image';
import { type Filter, resize } from './resize';

/**
 * How a space's image tower was fed in training. `squash`: the whole photo, aspect not kept. `crop`: the shortest side
 * becomes `size` and
 * the centre is cut out (CLIP). Without `mean` and `deviation` RGB lies in [-1, 1]; with them a colour is (x/255 -
 * mean) / deviation.
 */
export type ImageSpec = {
  size: number;
  fit: 'squash' | 'crop';
  filter: Filter;
  scale: string;
  mean?: readonly number[];
  deviation?: readonly number[];
};

/** [3, size, size], ready for the image tower. */
export function preprocess(image: RgbImage, spec: ImageSpec): Float32Array {
  const { size } = spec;
  const { data } =
    spec.fit === 'squash'
      ? resize(image, { width: size, height: size }, spec.filter)
      : centreCrop(shortestSide(image, size, spec.filter), size);
  const plane = size * size;
  const out = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    const mean = spec.mean?.[c] ?? 0.5;
    const deviation = spec.deviation?.[c] ?? 0.5;
    // 255 values only, so the arithmetic of torchvision's ToTensor and Normalize is done once for each.
    const levels = Float32Array.from({ length: 256 }, (_, v) =>
      spec.mean || spec.deviation
        ? Math.fround(Math.fround(v / 255) - Math.fround(mean)) / Math.fround(deviation)
        : v / 127.5 - 1,
    );
    for (let i = 0; i < plane; i++) out[c * plane + i] = levels[data[i * 3 + c]!]!;
  }
  return out;
}

/** torchvision's `Resize(size)`: the shorter side becomes `size`, the longer one is cut to whole pixels. */
function shortestSide(image: RgbImage, size: number, filter: Filter): RgbImage {
  const { width, height } = image;
  const target =
    width <= height
      ? { width: size, height: Math.max(size, Math.floor((size * height) / width)) }
      : { width: Math.max(size, Math.floor((size * width) / height)), height: size };
  return resize(image, target, filter);
}

/** torchvision's `CenterCrop(size)`: an odd rest is halved to the even number. */
function centreCrop(image: RgbImage, size: number): RgbImage {
  const left = halfEven(image.width - size);
  const top = halfEven(image.height - size);
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((y + top) * image.width + left) * 3;
    data.set(image.data.subarray(from, from + size * 3), y * size * 3);
  }
  return { width: size, height: size, data };
}

/** Python's round(n / 2). */
function halfEven(n: number): number {
  const half = Math.floor(n / 2);
  return n % 2 && half % 2 ? half + 1 : half;
}
