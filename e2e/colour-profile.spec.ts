import { expect, test } from '@playwright/test';
import { build } from 'esbuild';
import sharp from 'sharp';
import { withProfile } from '../server/media/colour-profile';
import { decodeImage } from '../server/media/decode-image';
import { wideGamutProfile } from '../server/media/test-profile';

test('the browser reads the values that a photo with a wide-gamut profile stores, as the server does', async ({
  page,
}) => {
  const [width, height] = [24, 16];
  const values = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i % 3 === 0 ? 230 : (i * 37) % 200));
  const picture = () => sharp(values, { raw: { width, height, channels: 3 } });
  const photos = [
    withProfile(await picture().png().toBuffer(), wideGamutProfile()),
    new Uint8Array(await picture().withIccProfile('p3').png().toBuffer()),
    new Uint8Array(await picture().withIccProfile('p3').webp({ lossless: true }).toBuffer()),
  ];
  // The module that the engine's worker decodes by, on a page of its own.
  const bundle = await build({
    entryPoints: ['app/engine/decode-photo.ts'],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'decoder',
    tsconfig: 'tsconfig.json',
  });
  await page.goto('about:blank');
  await page.addScriptTag({ content: bundle.outputFiles[0]!.text });
  for (const bytes of photos) {
    const read = await page.evaluate(async (base64) => {
      const { decodePhoto } = (
        globalThis as unknown as { decoder: { decodePhoto(blob: Blob): Promise<{ data: Uint8Array }> } }
      ).decoder;
      const blob = new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]);
      return [...(await decodePhoto(blob)).data];
    }, Buffer.from(bytes).toString('base64'));
    expect(read).toEqual([...(await decodeImage(bytes)).image.data]);
  }
});
