import sharp from 'sharp';
import { expect, it } from 'vitest';
import { bareProfile, withProfile } from '../media/colour-profile';
import { wideGamutProfile } from '../media/test-profile';
import { pictureDigest, takePicture } from './picture';

const [width, height] = [32, 20];
const values = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 41) % 256);
const raw = () => sharp(values, { raw: { width, height, channels: 3 } });
const wide = wideGamutProfile();

it('a JPEG that the studio kept with its colours comes in as it is, byte for byte', async () => {
  const kept = withProfile(await raw().jpeg({ quality: 95 }).toBuffer(), bareProfile(wide));
  const { mime, bytes, profile } = await takePicture(kept);
  expect({ mime, bytes }).toEqual({ mime: 'image/jpeg', bytes: kept });
  expect(profile).toEqual(bareProfile(wide));
});

it("another's JPEG becomes a PNG of the same values, its profile bare", async () => {
  const foreign = withProfile(await raw().jpeg({ quality: 95 }).toBuffer(), wide);
  const { mime, bytes, image } = await takePicture(foreign);
  expect(mime).toBe('image/png');
  expect(image.data).toEqual(new Uint8Array(await sharp(foreign, { ignoreIcc: true }).raw().toBuffer()));
  expect((await sharp(bytes).metadata()).icc).toEqual(Buffer.from(bareProfile(wide)!));
});

it('is named by its values, whatever a viewer is told of them, so records of before keep their names', async () => {
  const plain = new Uint8Array(await raw().png().toBuffer());
  const digest = await pictureDigest({ mime: 'image/png', bytes: plain });
  expect(await pictureDigest({ mime: 'image/png', bytes: withProfile(plain, wide) })).toEqual(digest);
});
