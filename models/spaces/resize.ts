import type { RgbImage } from './image';

export type Filter = 'bilinear' | 'bicubic';
type Kernel = { support: number; weight: (x: number) => number };

/** Keys' cubic with a = -0.5, and the triangle: the kernels of Pillow. */
const kernels: Record<Filter, Kernel> = {
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: {
    support: 2,
    weight(x) {
      const a = -0.5;
      const d = Math.abs(x);
      if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
      return d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0;
    },
  },
};
// Pillow's fixed point: 32 bits less 8 for the result and 2 for sums beyond the range.
const precisionBits = 32 - 8 - 2;

type Taps = { first: Int32Array; count: Int32Array; weights: Int32Array; width: number };

/** Fixed-point filter taps of every output position; the kernel widens when shrinking (antialias). */
function taps(from: number, to: number, filter: Filter): Taps {
  const { support, weight } = kernels[filter];
  const scale = from / to;
  const filterScale = Math.max(scale, 1);
  const reach = support * filterScale;
  const width = Math.ceil(reach) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * width);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(from, Math.trunc(center + reach + 0.5));
    const raw = Array.from({ length: end - start }, (_, k) => weight((start + k - center + 0.5) * (1 / filterScale)));
    const sum = raw.reduce((total, w) => total + w, 0);
    first[i] = start;
    count[i] = end - start;
    raw.forEach((w, k) => {
      const scaled = (sum ? w / sum : w) * (1 << precisionBits);
      weights[i * width + k] = Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    });
  }
  return { first, count, weights, width };
}

/**
 * Resizes [height, width, 3] to `size` as Pillow's `Image.resize` does: two passes, antialiased, 8 bit between them,
 * the same
 * fixed-point rounding. Aspect is not kept (a space that wants a crop crops first). Pillow 13 takes the vertical pass
 * first for some
 * tall pictures, which moves a few bytes by a level (goldens/make.py prints how far).
 */
export function resize(image: RgbImage, size: { width: number; height: number }, filter: Filter): RgbImage {
  const across = image.width === size.width ? image : pass(image, size.width, 'across', filter);
  return across.height === size.height ? across : pass(across, size.height, 'down', filter);
}

function pass(image: RgbImage, length: number, direction: 'across' | 'down', filter: Filter): RgbImage {
  const across = direction === 'across';
  const { first, count, weights, width: stride } = taps(across ? image.width : image.height, length, filter);
  const out: RgbImage = {
    width: across ? length : image.width,
    height: across ? image.height : length,
    data: new Uint8Array((across ? length * image.height : image.width * length) * 3),
  };
  // Distance in bytes between neighbours along the resized axis.
  const tapStep = across ? 3 : image.width * 3;
  const half = 1 << (precisionBits - 1);
  for (let y = 0; y < out.height; y++) {
    for (let x = 0; x < out.width; x++) {
      const position = across ? x : y;
      const from = across ? (y * image.width + first[position]!) * 3 : (first[position]! * image.width + x) * 3;
      const to = (y * out.width + x) * 3;
      let r = half;
      let g = half;
      let b = half;
      for (let k = 0, at = from; k < count[position]!; k++, at += tapStep) {
        const w = weights[position * stride + k]!;
        r += image.data[at]! * w;
        g += image.data[at + 1]! * w;
        b += image.data[at + 2]! * w;
      }
      out.data[to] = clip(r);
      out.data[to + 1] = clip(g);
      out.data[to + 2] = clip(b);
    }
  }
  return out;
}

/** Sums can leave 32 bits for a moment, so the shift is a division. */
function clip(sum: number): number {
  const value = Math.floor(sum / (1 << precisionBits));
  return value < 0 ? 0 : value > 255 ? 255 : value;
}
