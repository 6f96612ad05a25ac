import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './decode-image';

const pixels = async (bytes: Uint8Array) => {
  const { image } = await decodeImage(bytes);
  return Array.from({ length: image.width * image.height }, (_, i) => [...image.data.slice(i * 3, i * 3 + 3)]);
};
const refused = (bytes: Uint8Array, message: RegExp) =>
  expect(decodeImage(bytes)).rejects.toMatchObject({
    code: 'image-unreadable',
    message: expect.stringMatching(message),
  });

/** A TIFF of one row by hand: one strip, `samples` channels. */
function tiff(
  data: ArrayBufferView,
  {
    bits,
    format = 1,
    samples = 1,
    photometric = samples < 3 ? 1 : 2,
    compression = 1,
    extra = 0,
  }: Record<string, number>,
): Buffer {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const width = (bytes.length * 8) / bits! / samples;
  const entries: [number, number, number[]][] = [
    [256, 4, [width]],
    [257, 4, [1]],
    [258, 3, Array<number>(samples).fill(bits!)],
    [259, 3, [compression]],
    [262, 3, [photometric]],
    [273, 4, [0]],
    [277, 3, [samples]],
    [278, 4, [1]],
    [279, 4, [bytes.length]],
    ...(extra ? [[338, 3, [2]] as [number, number, number[]]] : []),
    [339, 3, Array<number>(samples).fill(format)],
  ];
  const after = 8 + 2 + entries.length * 12 + 4;
  const head = Buffer.alloc(after);
  head.write('II*\0', 0, 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(entries.length, 8);
  const lists: Buffer[] = [];
  let end = after;
  entries.forEach(([tag, type, values], i) => {
    const at = 10 + i * 12;
    const list = Buffer.alloc(values.length * (type === 3 ? 2 : 4));
    values.forEach((value, n) => (type === 3 ? list.writeUInt16LE(value, n * 2) : list.writeUInt32LE(value, n * 4)));
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(values.length, at + 4);
    if (list.length <= 4) list.copy(head, at + 8);
    else {
      head.writeUInt32LE(end, at + 8);
      lists.push(list);
      end += list.length;
    }
  });
  head.writeUInt32LE(end, 10 + entries.findIndex(([tag]) => tag === 273) * 12 + 8);
  return Buffer.concat([head, ...lists, bytes]);
}
const floats = (...values: number[]) => Float32Array.from(values);
const grey = (...values: number[]) => values.map((v) => [v, v, v]);

describe('TIFF of every kind of sample is read as it looks, or refused in words', () => {
  it.each([
    ['grey floats from 0 to 1', tiff(floats(0, 0.2, 1), { bits: 32, format: 3 }), grey(0, 51, 255)],
    ['grey floats from 0 to 255', tiff(floats(0, 51, 255), { bits: 32, format: 3 }), grey(0, 51, 255)],
    [
      'grey floats where 0 is white',
      tiff(floats(1, 0.8, 0), { bits: 32, format: 3, photometric: 0 }),
      grey(0, 51, 255),
    ],
    [
      'RGB floats, no gamma applied',
      tiff(floats(0, 0.2, 1, 1, 1, 0.4), { bits: 32, format: 3, samples: 3 }),
      [
        [0, 51, 255],
        [255, 255, 102],
      ],
    ],
    [
      'RGB floats with alpha',
      tiff(floats(0, 0.2, 1, 1, 0, 0, 0, 0), { bits: 32, format: 3, samples: 4, extra: 1 }),
      [
        [0, 51, 255],
        [255, 255, 255],
      ],
    ],
    [
      'RGB of half floats',
      tiff(Uint16Array.of(0, 0x3800, 0x3c00), { bits: 16, format: 3, samples: 3 }),
      [[0, 128, 255]],
    ],
    ['16 bits', tiff(Uint16Array.of(0, 13_107, 65_535), { bits: 16 }), grey(0, 51, 255)],
    ['1 bit', tiff(Uint8Array.of(0b10100000), { bits: 1 }), grey(255, 0, 255, 0, 0, 0, 0, 0)],
    ['8 bits where 0 is white', tiff(Uint8Array.of(255, 204, 0), { bits: 8, photometric: 0 }), grey(0, 51, 255)],
    ['grey with alpha', tiff(Uint8Array.of(0, 255, 0, 0), { bits: 8, samples: 2, extra: 1 }), grey(0, 255)],
    ['32 bits with sign that hold 8', tiff(Int32Array.of(0, 51, 255), { bits: 32, format: 2 }), grey(0, 51, 255)],
    // As Pillow: each ink takes its share of the light.
    [
      'CMYK',
      tiff(Uint8Array.of(255, 204, 0, 0, 0, 0, 0, 204), { bits: 8, samples: 4, photometric: 5 }),
      [
        [0, 51, 255],
        [51, 51, 51],
      ],
    ],
    [
      'CMYK of 16 bits',
      tiff(Uint16Array.of(65_535, 52_428, 0, 0), { bits: 16, samples: 4, photometric: 5 }),
      [[0, 51, 255]],
    ],
  ])('%s', async (_, bytes, expected) => expect(await pixels(bytes)).toEqual(expected));

  it.each([
    [
      'floats beyond white',
      tiff(floats(0, 8), { bits: 32, format: 3 }),
      /holds floats from 0 to 8; expected 0 to 1, or 0 to 255/,
    ],
    ['floats below 0', tiff(floats(-1, 1), { bits: 32, format: 3 }), /floats from -1 to 1/],
    ['NaN', tiff(floats(0, NaN), { bits: 32, format: 3 }), /floats from NaN to NaN/],
    ['64-bit floats', tiff(Float64Array.of(0, 1), { bits: 64, format: 3 }), /holds floats of 64 bits/],
    ['half floats in grey', tiff(Uint16Array.of(0, 0x3c00), { bits: 16, format: 3 }), /grey floats of 16 bits/],
    ['complex numbers', tiff(floats(0, 0, 1, 0), { bits: 64, format: 6 }), /complex floats/],
    ['16 bits with sign', tiff(Int16Array.of(0, 32_000), { bits: 16, format: 2 }), /signed numbers of 16 bits/],
    ['32 bits', tiff(Uint32Array.of(0, 4e9), { bits: 32 }), /whole numbers of more than 16 bits.*expected 0 to 255/],
    ['five channels', tiff(Uint8Array.of(1, 2, 3, 4, 5), { bits: 8, samples: 5, photometric: 2 }), /has 5 channels/],
    ['Lab', tiff(Uint8Array.of(1, 2, 3), { bits: 8, samples: 3, photometric: 8 }), /Lab/],
    ['YCbCr', tiff(Uint8Array.of(1, 2, 3), { bits: 8, samples: 3, photometric: 6 }), /YCbCr/],
    ['Zstandard', tiff(Uint8Array.of(1, 2, 3), { bits: 8, compression: 50_000 }), /compressed with Zstandard.*LZW/],
    [
      'a TIFF that is cut',
      tiff(new Uint8Array(300), { bits: 8 }).subarray(0, 100),
      /^The TIFF is damaged or cut short\. Save/,
    ],
  ])('%s', (_, bytes, message) => refused(bytes, message));
});

describe('animations', () => {
  const plain = (size: number) =>
    sharp({ create: { width: size, height: size, channels: 3, background: { r: 200, g: 30, b: 30 } } });

  it('a GIF whose first frame is smaller than its canvas is white where nothing is drawn', async () => {
    const gif = await plain(10).gif().toBuffer();
    const frame = gif.indexOf(Buffer.from([0x2c, 0, 0, 0, 0, 10, 0, 10, 0]));
    expect(frame).toBeGreaterThan(0);
    gif.writeUInt16LE(20, 6);
    gif.writeUInt16LE(20, 8);
    gif.writeUInt16LE(4, frame + 1);
    gif.writeUInt16LE(5, frame + 3);
    const drawn = await pixels(gif);
    drawn.forEach((pixel, i) => {
      const [x, y] = [i % 20, Math.floor(i / 20)];
      const inside = x >= 4 && x < 14 && y >= 5 && y < 15;
      if (inside) expect(pixel[2]).toBeLessThan(60);
      else expect(pixel).toEqual([255, 255, 255]);
    });
  });

  it('an AVIF sequence is read by the still picture in it, and one without is named', async () => {
    const avif = await plain(16).avif().toBuffer();
    avif.write('avis', 8, 'latin1');
    const [r, g] = (await pixels(avif))[20]!;
    expect(Math.abs(r! - 200) + Math.abs(g! - 30)).toBeLessThan(20);
    const bare = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypavis\0\0\0\0msf1iso8'), Buffer.alloc(64)]);
    await refused(bare, /AVIF sequence \(an animation\) without a still picture/);
  });
});
