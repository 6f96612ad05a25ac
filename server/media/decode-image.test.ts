import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from './decode-image';

const red = { r: 200, g: 30, b: 30 };
const plain = (width = 40, height = 20) => sharp({ create: { width, height, channels: 3, background: red } });
const pixel = ({ image }: Awaited<ReturnType<typeof decodeImage>>, x: number, y: number) => [
  ...image.data.slice((y * image.width + x) * 3, (y * image.width + x) * 3 + 3),
];
const near = (a: number[], b: number[], tolerance = 12) =>
  a.forEach((v, i) => expect(Math.abs(v - b[i]!), `${a} against ${b}`).toBeLessThanOrEqual(tolerance));

/** Left half black, right half white. */
const halves = () =>
  plain().composite([
    { input: { create: { width: 20, height: 20, channels: 3, background: '#000' } }, left: 0, top: 0 },
    { input: { create: { width: 20, height: 20, channels: 3, background: '#fff' } }, left: 20, top: 0 },
  ]);

describe('pictures that are read', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('%s', async (format) => {
    const decoded = await decodeImage(await plain().toFormat(format).toBuffer());
    expect([decoded.format, decoded.image.width, decoded.image.height]).toEqual([format, 40, 20]);
    near(pixel(decoded, 5, 5), [200, 30, 30]);
  });

  it('a JPEG in CMYK', async () => {
    const decoded = await decodeImage(await plain().toColourspace('cmyk').jpeg().toBuffer());
    expect(decoded.image.data).toHaveLength(40 * 20 * 3);
    near(pixel(decoded, 5, 5), [200, 30, 30], 40);
  });

  it('a PNG of 16 bits a channel', async () => {
    const bytes = await plain().toColourspace('rgb16').png().toBuffer();
    expect((await sharp(bytes).metadata()).depth).toBe('ushort');
    near(pixel(await decodeImage(bytes), 5, 5), [200, 30, 30], 2);
  });

  it('grey', async () =>
    near(
      pixel(await decodeImage(await plain().greyscale().png().toBuffer()), 3, 3),
      Array(3).fill((await decodeImage(await plain().greyscale().png().toBuffer())).image.data[0]),
      0,
    ));

  it('alpha on white', async () => {
    const bytes = await sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect(pixel(await decodeImage(bytes), 1, 1)).toEqual([255, 255, 255]);
  });

  it('AVIF under the brand that it shares with HEIC', async () => {
    const bytes = await plain().avif().toBuffer();
    const major = Buffer.from(bytes);
    major.write('mif1', 8, 'latin1');
    expect(bytes.subarray(16, 64).includes('avif')).toBe(true);
    near(pixel(await decodeImage(major), 5, 5), [200, 30, 30]);
  });

  it('a grey PNG of 16 bits', async () => {
    const bytes = await plain().toColourspace('grey16').png().toBuffer();
    const [r, g, b] = pixel(await decodeImage(bytes), 5, 5);
    expect([g, b]).toEqual([r, r]);
    expect(r).toBeGreaterThan(50);
    expect(r).toBeLessThan(150);
  });

  it('turned by EXIF', async () => {
    const decoded = await decodeImage(await halves().withMetadata({ orientation: 6 }).jpeg().toBuffer());
    expect([decoded.image.width, decoded.image.height]).toEqual([20, 40]);
    near(pixel(decoded, 10, 2), [0, 0, 0]);
    near(pixel(decoded, 10, 37), [255, 255, 255]);
  });

  it.each(['gif', 'webp'] as const)('the first frame of an animated %s', async (format) => {
    const frames = Buffer.concat([
      await plain(10, 10).raw().toBuffer(),
      await sharp({ create: { width: 10, height: 10, channels: 3, background: '#00f' } })
        .raw()
        .toBuffer(),
    ]);
    const bytes = await sharp(frames, { raw: { width: 10, height: 20, channels: 3, pageHeight: 10 } })
      .toFormat(format, { loop: 0, delay: [100, 100] })
      .toBuffer();
    expect((await sharp(bytes, { pages: -1 }).metadata()).pages).toBe(2);
    const decoded = await decodeImage(bytes);
    expect([decoded.image.width, decoded.image.height]).toEqual([10, 10]);
    near(pixel(decoded, 5, 5), [200, 30, 30]);
  });
});

/** A PNG of 1 bit a pixel, written by hand: its 100 million pixels are quickly made and packed. */
function blackPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const rows = Buffer.alloc(height * (1 + Math.ceil(width / 8)));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

describe('files that are refused by name', () => {
  let jpeg: Buffer;
  beforeAll(async () => {
    jpeg = await sharp({
      create: {
        width: 400,
        height: 300,
        channels: 3,
        background: red,
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    })
      .jpeg()
      .toBuffer();
  });
  const refused = (bytes: Uint8Array, code: string, message: RegExp) =>
    expect(decodeImage(bytes)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });

  it('no picture', () => refused(Buffer.from('these are notes'), 'image-unreadable', /not a picture.*Expected a JPEG/));
  it('nothing', () => refused(new Uint8Array(), 'image-unreadable', /empty \(0 bytes\)/));
  it.each([0.01, 0.1, 0.5, 0.9, 0.99])('a JPEG of which %d is there', (part) =>
    refused(jpeg.subarray(0, Math.floor(jpeg.length * part)), 'image-unreadable', /JPEG is damaged or cut short/),
  );
  it('a PNG that is cut', async () =>
    refused(
      (await plain(400, 300).png().toBuffer()).subarray(0, 200),
      'image-unreadable',
      /PNG is damaged or cut short/,
    ));
  it('SVG', () =>
    refused(
      Buffer.from('<?xml version="1.0"?>\n<!-- x --><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      'image-unreadable',
      /SVG.*PNG/,
    ));
  it('SVG behind a long comment', () =>
    refused(
      Buffer.from(`<!-- ${'x'.repeat(2000)} --><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`),
      'image-unreadable',
      /kind svg|not a picture/,
    ));
  it('HEIC', () =>
    refused(
      Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(64)]),
      'image-unreadable',
      /HEIC.*Convert it to JPEG/,
    ));
  it('30 MB', () =>
    refused(Buffer.concat([jpeg, Buffer.alloc(30 * 1024 * 1024)]), 'image-too-large', /30 MB; at most 25 MB/));
  it('100 megapixels in few bytes', async () => {
    const bomb = blackPng(10_000, 10_000);
    expect(bomb.length).toBeLessThan(64 * 1024);
    expect((await sharp(bomb, { limitInputPixels: false }).metadata()).width).toBe(10_000);
    await refused(bomb, 'image-too-large', /10000 x 10000 pixels; at most 50 million/);
  });
});
