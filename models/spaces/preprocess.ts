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

/**
 * Whose centre is cut out: torchvision halves an odd rest to the even number, Hugging Face's image processor downwards.
 * They lie one pixel apart where the rest is 3 mod 4.
 */
export type Crop = 'torchvision' | 'hugging-face';

/** [3, size, size], ready for the image tower. */
export function preprocess(image: RgbImage, spec: ImageSpec, crop: Crop = 'torchvision'): Float32Array {
  const { size } = spec;
  const { data } =
    spec.fit === 'squash'
      ? resize(image, { width: size, height: size }, spec.filter)
      : centreCrop(shortestSide(image, size, spec.filter), size, crop);
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

/** Whether Hugging Face's processor cuts another centre out of a photo of this size than torchvision. */
export function cropsDiffer({ width, height }: Extent, { fit, size }: ImageSpec): boolean {
  if (fit !== 'crop') return false;
  const resized = shortest({ width, height }, size);
  return [resized.width, resized.height].some(
    (side) => half(side - size, 'torchvision') !== half(side - size, 'hugging-face'),
  );
}

type Extent = { width: number; height: number };

/** torchvision's `Resize(size)`: the shorter side becomes `size`, the longer one is cut to whole pixels. */
const shortest = ({ width, height }: Extent, size: number): Extent =>
  width <= height
    ? { width: size, height: Math.max(size, Math.floor((size * height) / width)) }
    : { width: Math.max(size, Math.floor((size * width) / height)), height: size };
const shortestSide = (image: RgbImage, size: number, filter: Filter): RgbImage =>
  resize(image, shortest(image, size), filter);

function centreCrop(image: RgbImage, size: number, crop: Crop): RgbImage {
  const left = half(image.width - size, crop);
  const top = half(image.height - size, crop);
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++) {
    const from = ((y + top) * image.width + left) * 3;
    data.set(image.data.subarray(from, from + size * 3), y * size * 3);
  }
  return { width: size, height: size, data };
}

/** Python's round(n / 2), or n // 2. */
function half(n: number, crop: Crop): number {
  const down = Math.floor(n / 2);
  return crop === 'torchvision' && n % 2 && down % 2 ? down + 1 : down;
}
