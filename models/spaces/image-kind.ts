import { StudioError } from '../errors';

/** What both hosts say when a file is no picture that they read. */
export const wantedKinds = 'Expected a JPEG, PNG, WebP, GIF, AVIF or TIFF.';

/** Limits of both hosts, in bytes of the file and pixels of the picture. */
export const imageLimits = { bytes: 25 * 1024 * 1024, pixels: 50_000_000 };

/** @throws image-unreadable (0 bytes), image-too-large */
export function refuseSize(bytes: number, limit = imageLimits.bytes): void {
  if (!bytes) throw new StudioError('image-unreadable', `The file is empty (0 bytes). ${wantedKinds}`);
  if (bytes > limit)
    throw new StudioError(
      'image-too-large',
      `The file has ${megabytes(bytes)} MB; at most ${megabytes(limit)} MB are read. Save the photo smaller, for example 2000 pixels wide as a JPEG.`,
    );
}

/** @throws image-too-large */
export function refusePixels(width: number, height: number, limit = imageLimits.pixels): void {
  if (width * height > limit)
    throw new StudioError(
      'image-too-large',
      `The picture has ${width} x ${height} pixels; at most ${limit / 1e6} million are read. Save it smaller, for example 2000 pixels wide.`,
    );
}

/**
 * Kinds that need a word of their own: recognised by their first bytes, whatever the file is called. @throws
 * image-unreadable
 */
export function refuseKnownKinds(bytes: Uint8Array): void {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  if (/^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(head))
    throw new StudioError(
      'image-unreadable',
      'SVG drawings are not read, because they can hold scripts and links. Export it as a PNG first.',
    );
  // mif1 and msf1 are shared with AVIF, which then names itself among the compatible brands.
  if (
    head.slice(4, 8) === 'ftyp' &&
    (/^(heic|heix|hevc|hevx|heim|heis)/.test(head.slice(8, 12)) ||
      (/^(mif1|msf1)/.test(head.slice(8, 12)) && !/avi[fs]/.test(head.slice(16, 64))))
  )
    throw new StudioError(
      'image-unreadable',
      'HEIC photos cannot be read here. Convert it to JPEG: on an iPhone choose Settings, Camera, Formats, Most Compatible; on a Mac open it in Preview and export.',
    );
  if (head.startsWith('%PDF'))
    throw new StudioError('image-unreadable', `The file is a PDF. ${wantedKinds} Export the page as a PNG.`);
}

const megabytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(bytes < 10 * 1024 * 1024 ? 1 : 0);
