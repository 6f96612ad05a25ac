import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { bareProfile, withProfile } from './colour-profile';
import { decodeImage } from './decode-image';
import { wideGamutProfile } from './test-profile';

const [width, height] = [24, 16];
/** Strong colours, where a conversion moves every value. */
const values = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i % 3 === 0 ? 230 : (i * 37) % 200));
const raw = () => sharp(values, { raw: { width, height, channels: 3 } });
const wide = wideGamutProfile();
const far = (a: Uint8Array, b: Uint8Array) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));

describe('photos with a colour profile', () => {
  let png: Uint8Array;
  beforeAll(async () => {
    png = withProfile(await raw().png().toBuffer(), wide);
    // It is a profile that others read, and that moves colours.
    expect((await sharp(png).metadata()).icc).toEqual(Buffer.from(wide));
    expect(far(new Uint8Array(await sharp(png).toColourspace('srgb').raw().toBuffer()), values)).toBeGreaterThan(30);
  });

  it('give the values that the file stores, as Pillow does', async () => {
    const { image, profile } = await decodeImage(png);
    expect(image.data).toEqual(values);
    expect(profile).toEqual(bareProfile(wide));
  });

  it.each(['jpeg', 'webp', 'tiff', 'avif'] as const)('%s: the same with the profile as without', async (format) => {
    const plain = await raw().toFormat(format, { quality: 90 }).toBuffer();
    // sharp's own wide gamut; what it stores is read back as stored.
    const tagged = await raw().withIccProfile('p3').toFormat(format, { quality: 90 }).toBuffer();
    const stored = await sharp(tagged, { ignoreIcc: true }).removeAlpha().raw().toBuffer();
    const { image, profile } = await decodeImage(tagged);
    expect(far(image.data, new Uint8Array(stored))).toBe(0);
    expect(profile).toBeDefined();
    expect((await decodeImage(plain)).profile).toBeUndefined();
    if (format === 'jpeg')
      expect((await decodeImage(withProfile(plain, wide))).image.data).toEqual((await decodeImage(plain)).image.data);
  });

  it('those in inks bring no profile that would be wrong for RGB, and become light as Pillow makes it', async () => {
    const flat = { create: { width: 8, height: 8, channels: 3, background: { r: 20, g: 130, b: 230 } } } as const;
    const { image, profile } = await decodeImage(await sharp(flat).toColourspace('cmyk').tiff().toBuffer());
    expect(profile).toBeUndefined();
    // Pillow's convert("RGB") of that file.
    expect([...image.data.slice(0, 3)]).toEqual([55, 183, 255]);
  });
});

describe('a bare profile', () => {
  it('says the same colours, and nothing of maker, device and serial number', async () => {
    const bare = bareProfile(wide)!;
    const text = Buffer.from(bare).toString('latin1');
    for (const word of ['4711', 'somebody', '0815', 'MAKR', 'seri']) expect(text).not.toContain(word);
    const shown = async (profile: Uint8Array) =>
      new Uint8Array(
        await sharp(withProfile(await raw().png().toBuffer(), profile))
          .raw()
          .toBuffer(),
      );
    expect(await shown(bare)).toEqual(await shown(wide));
    expect(bareProfile(bare)).toEqual(bare);
  });

  it('of sharp’s own (version 4) says the same colours too', async () => {
    const p3 = (await sharp(await raw().withIccProfile('p3').png().toBuffer()).metadata()).icc!;
    const bare = bareProfile(p3)!;
    const shown = async (profile: Uint8Array) =>
      new Uint8Array(
        await sharp(withProfile(await raw().jpeg().toBuffer(), profile))
          .raw()
          .toBuffer(),
      );
    expect(far(await shown(bare), await shown(p3))).toBeLessThanOrEqual(1);
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['no profile', new Uint8Array(500).fill(7)],
    ['a cut one', wide.subarray(0, 400)],
    ['one that counts tags without end', wide.map((byte, i) => (i >= 128 && i < 132 ? 255 : byte))],
    ['one of another colour space', wide.map((byte, i) => (i === 16 ? 67 : byte))],
  ])('is none of %s', (_, bytes) => expect(bareProfile(bytes)).toBeUndefined());
});
