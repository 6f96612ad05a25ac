import type { RgbImage } from '../../models/spaces/image';

const latin = (bytes: Uint8Array, from: number, to: number) =>
  new TextDecoder('latin1').decode(bytes.subarray(from, to));

/** Whether a file is an AVIF sequence by its major brand. */
export const isAvifSequence = (bytes: Uint8Array) => latin(bytes, 4, 12) === 'ftypavis';

/**
 * The bytes with an AVIF sequence named as the still picture that it holds beside its frames: libvips knows the brand
 * of that alone. A sequence without one stays as it is. Everything else is returned untouched.
 */
export function asStill(bytes: Uint8Array): Uint8Array {
  if (!isAvifSequence(bytes)) return bytes;
  const brands = latin(bytes, 16, new DataView(bytes.buffer, bytes.byteOffset).getUint32(0));
  if (!/avif|mif1/.test(brands)) return bytes;
  const still = new Uint8Array(bytes);
  still.set(new TextEncoder().encode('avif'), 8);
  return still;
}

/** Where the first frame of a GIF lies on its canvas (GIF89a specification, 18 and 20); undefined where none begins. */
export function gifFrame(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = (flags: number) => (flags & 0x80 ? 3 << ((flags & 7) + 1) : 0);
  try {
    let at = 13 + table(view.getUint8(10));
    // Extensions: two bytes, then blocks that say their length, the last of them empty.
    while (view.getUint8(at) === 0x21) {
      at += 2;
      while (view.getUint8(at)) at += view.getUint8(at) + 1;
      at += 1;
    }
    if (view.getUint8(at) !== 0x2c) return undefined;
    const [left, top, width, height] = [1, 3, 5, 7].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
      number,
    ];
    return { left, top, width, height };
  } catch {
    return undefined;
  }
}

/** White around a frame that is smaller than its canvas, where nothing was drawn: as transparency elsewhere. */
export function whiteAround(image: RgbImage, frame: NonNullable<ReturnType<typeof gifFrame>>): void {
  const { width, height, data } = image;
  const [right, bottom] = [frame.left + frame.width, frame.top + frame.height];
  for (let y = 0; y < height; y++) {
    const row = y * width * 3;
    if (y < frame.top || y >= bottom) data.fill(255, row, row + width * 3);
    else {
      data.fill(255, row, row + Math.min(frame.left, width) * 3);
      data.fill(255, row + Math.min(right, width) * 3, row + width * 3);
    }
  }
}
