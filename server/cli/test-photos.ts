import { createWriteStream } from 'node:fs';
import { appendFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import sharp from 'sharp';
import { pack } from 'tar-stream';
import { drawScene } from '../engine/test-images';

/** Photos of our own as PNG files, `0.png` on, and references for them. */
export async function drawPhotos(folder: string, count: number): Promise<string[]> {
  const names: string[] = [];
  for (let n = 0; n < count; n++) {
    const background = { r: (40 * n) % 256, g: 90, b: 255 - ((30 * n) % 256) };
    await sharp({ create: { width: 32, height: 24, channels: 3, background } })
      .png()
      .toFile(join(folder, `${n}.png`));
    names.push(`${n}.png`);
  }
  const line = (image: string) => JSON.stringify({ image, captions: ['a plain wall', 'a wall of one colour'] });
  await writeFile(join(folder, 'references.jsonl'), `${names.map(line).join('\n')}\n`);
  return names;
}

/** The photos in an archive that ends in bytes which are no header. @returns where those begin */
export async function dirtyArchive(path: string, photos: readonly { name: string; bytes: Buffer }[]): Promise<number> {
  const archive = pack();
  const written = pipeline(archive, createWriteStream(path));
  for (const { name, bytes } of photos) archive.entry({ name }, bytes);
  archive.finalize();
  await written;
  const padded = (bytes: number) => 512 * Math.ceil(bytes / 512);
  const end = photos.reduce((sum, { bytes }) => sum + 512 + padded(bytes.length), 0);
  await truncate(path, end);
  await appendFile(path, Buffer.alloc(1024, 'no header '));
  return end;
}

/** Scenes of our own as small PNG files, `0000.png` on: no two are alike. @returns their names */
export async function drawCollection(folder: string, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, n) => `${String(n).padStart(4, '0')}.png`);
  for (const [n, name] of names.entries()) {
    const { data, width, height } = drawScene(n % 15);
    // A stripe as wide as the number, so that all differ.
    for (let bit = 0; bit < 12; bit++) data.fill(n & (1 << bit) ? 255 : 0, 3 * 8 * bit, 3 * 8 * (bit + 1));
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toFile(join(folder, name));
  }
  return names;
}
