import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { extract } from 'tar-stream';
import { StudioError } from '../../../models/errors';

/** The first `count` photos of an archive, by name, as files of a folder. @throws file-unreadable */
export async function unpacked(archive: string, folder: string, count: number): Promise<string> {
  if (existsSync(folder) && (await readdir(folder)).length === count) return folder;
  if (!existsSync(archive))
    throw new StudioError('file-unreadable', `There is no ${archive}: the bench takes its small photos from it.`);
  await mkdir(folder, { recursive: true });
  const found = new Map<string, Buffer>();
  const reader = createReadStream(archive).pipe(extract());
  for await (const member of reader) {
    const bytes = await buffer(member);
    if (/\.jpe?g$/i.test(member.header.name)) found.set(basename(member.header.name), bytes);
  }
  for (const name of [...found.keys()].sort().slice(0, count)) await writeFile(join(folder, name), found.get(name)!);
  return folder;
}

/** `count` drawn JPEGs of 4000 × 3000 with fine grain, as a camera's have. */
export async function drawnLarge(folder: string, count: number): Promise<string> {
  await mkdir(folder, { recursive: true });
  const [width, height] = [4000, 3000];
  for (let n = 0; n < count; n++) {
    const file = join(folder, `large-${String(n).padStart(3, '0')}.jpg`);
    if (existsSync(file)) continue;
    const data = new Uint8Array(width * height * 3);
    let state = n + 1;
    const [cx, cy, radius] = [600 + 27 * n, 1700 - 8 * n, (300 + 5 * n) ** 2];
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        const grain = ((state >> 16) & 15) - 8;
        const inside = (x - cx) ** 2 + (y - cy) ** 2 < radius;
        data[at++] = (inside ? 200 - n : y < 1200 ? 120 : 60) + grain;
        data[at++] = (inside ? 70 + n : y < 1200 ? 170 : 140) + grain;
        data[at++] = (inside ? 50 : y < 1200 ? 230 - n : 70) + grain;
      }
    await sharp(data, { raw: { width, height, channels: 3 } })
      .jpeg({ quality: 90 })
      .toFile(file);
  }
  return folder;
}
