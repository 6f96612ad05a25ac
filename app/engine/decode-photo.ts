import { StudioError } from '@/models/errors';
import type { RgbImage } from '@/models/spaces/image';
import { refuseKnownKinds, refusePixels, refuseSize, wantedKinds } from '@/models/spaces/image-kind';
import { msg } from '../languages/msg';

/**
 * Decodes a photo in the browser as the server does: type from the bytes, EXIF orientation applied, first frame, alpha
 * on white, no
 * colour conversion. Runs in a worker, so that the page does not stop. @throws image-unreadable, image-too-large
 */
export async function decodePhoto(file: Blob): Promise<RgbImage> {
  refuseSize(file.size);
  const head = new Uint8Array(await file.slice(0, 512).arrayBuffer());
  refuseKnownKinds(head);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file, {
      imageOrientation: 'from-image',
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'none',
    });
  } catch (cause) {
    if (/^(II\*\0|MM\0\*)/.test(new TextDecoder('latin1').decode(head.subarray(0, 4))))
      throw new StudioError(
        'image-unreadable',
        msg('This browser does not read TIFF. Save the photo as a JPEG or PNG, or let the server describe it.'),
        { cause },
      );
    throw new StudioError(
      'image-unreadable',
      `This browser cannot read the file as a picture: it is damaged, cut short or of another kind. ${wantedKinds}`,
      { cause },
    );
  }
  const { width, height } = bitmap;
  try {
    refusePixels(width, height);
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0);
    return { width, height, data: withoutAlpha(context.getImageData(0, 0, width, height).data) };
  } finally {
    bitmap.close();
  }
}

function withoutAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!;
    rgb[to++] = rgba[from + 1]!;
    rgb[to++] = rgba[from + 2]!;
  }
  return rgb;
}
