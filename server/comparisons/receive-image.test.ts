import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageLimits } from '../media/decode-image';
import { receiveImage } from './receive-image';
import { scriptedEngine } from './scripted-engine';
import type { Studio } from '../studio/studio';
import { openTestStudio, scratchFolder } from '../studio/test-studio';

const scratch = scratchFolder();
let studio: Studio;
let jpeg: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  studio = await openTestStudio(scratch.url, scriptedEngine(1));
  const photo = sharp({ create: { width: 30, height: 20, channels: 3, background: '#39c' } });
  // Orientation 6: what is stored lying is shown standing.
  jpeg = new Uint8Array(
    await photo
      .withExif({ IFD0: { Artist: 'Somebody' } })
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer(),
  );
});
afterAll(async () => {
  await studio.close();
  scratch.remove();
});

const upload = (body: BodyInit, headers: Record<string, string> = {}) =>
  receiveImage(
    new Request('http://127.0.0.1/api/images', { method: 'POST', body, headers, duplex: 'half' } as RequestInit),
    studio.images,
    'local',
  );

/** A body without an end; `sent` tells how much of it was asked for. */
function endless(): { stream: ReadableStream<Uint8Array>; sent: () => number; cancelled: () => boolean } {
  let sent = 0;
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      controller.enqueue(new Uint8Array(1024 ** 2));
      sent += 1024 ** 2;
    },
    cancel: () => void (cancelled = true),
  });
  return { stream, sent: () => sent, cancelled: () => cancelled };
}

const rationals = (values: readonly number[]) =>
  Buffer.concat(values.map((value) => Buffer.from([...long(value), ...long(1)])));
const short = (value: number) => [value & 255, value >> 8];
const long = (value: number) => [...short(value & 0xffff), ...short(value >>> 16)];

/** A JPEG with an EXIF segment (TIFF 6.0, little-endian) as a phone writes it, a comment, and bytes after its end. */
function withExif(
  jpeg: Uint8Array,
  {
    orientation,
    artist,
    latitude,
    longitude,
  }: { orientation: number; artist: string; latitude: number[]; longitude: number[] },
): Uint8Array<ArrayBuffer> {
  const name = [...Buffer.from(`${artist}\0`)];
  // The first directory has 3 entries, that of the place 4: each 2 + 12 n + 4 bytes; what does not fit into an entry
  // follows.
  const [first, place] = [8, 8 + 2 + 3 * 12 + 4];
  const values = place + 2 + 4 * 12 + 4;
  const entry = (tag: number, type: number, count: number, value: number[]) => [
    ...short(tag),
    ...short(type),
    ...long(count),
    ...value,
    ...Array<number>(4 - value.length).fill(0),
  ];
  const ascii = (text: string) => [...Buffer.from(`${text}\0`)];
  const tiff = [
    ...Buffer.from('II'),
    ...short(42),
    ...long(first),
    ...short(3),
    ...entry(0x0112, 3, 1, short(orientation)),
    ...entry(0x013b, 2, name.length, long(values + 48)),
    ...entry(0x8825, 4, 1, long(place)),
    ...long(0),
    ...short(4),
    ...entry(1, 2, 2, ascii('N')),
    ...entry(2, 5, 3, long(values)),
    ...entry(3, 2, 2, ascii('E')),
    ...entry(4, 5, 3, long(values + 24)),
    ...long(0),
    ...rationals(latitude),
    ...rationals(longitude),
    ...name,
  ];
  const segment = (marker: number, body: number[]) => [
    0xff,
    marker,
    (body.length + 2) >> 8,
    (body.length + 2) & 255,
    ...body,
  ];
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment(0xe1, [...ascii('Exif'), 0, ...tiff]),
    ...segment(0xfe, [...Buffer.from('a comment')]),
    ...jpeg.subarray(2),
    ...Buffer.from('after the end'),
  ]);
}

describe('an upload', () => {
  it('is the body itself, oriented, without the metadata it came with', async () => {
    const kept = await upload(jpeg);
    expect(kept).toMatchObject({ width: 20, height: 30 });
    const { bytes } = await studio.images.file(kept.id, false);
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
    expect(Buffer.from(bytes).includes('Somebody')).toBe(false);
  });

  it('is kept without its place: EXIF with GPS, a comment and what trails it are gone, and it stands upright', async () => {
    // Left half red, right half blue, stored lying; orientation 6 turns it clockwise, so that red is above blue.
    const halves = new Uint8Array(32 * 16 * 3).map((_, i) =>
      i % 3 === (Math.floor(i / 3) % 32 < 16 ? 0 : 2) ? 220 : 20,
    );
    const drawn = new Uint8Array(
      await sharp(halves, { raw: { width: 32, height: 16, channels: 3 } })
        .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
        .toBuffer(),
    );
    const photo = withExif(drawn, {
      orientation: 6,
      artist: 'Somebody Secret',
      latitude: [48, 51, 29],
      longitude: [2, 17, 40],
    });
    // The photo does carry what is to go.
    expect(Buffer.from(photo).includes('Somebody Secret')).toBe(true);
    const before = await sharp(photo).metadata();
    expect([before.orientation, before.exif!.includes(rationals([48, 51, 29]))]).toEqual([6, true]);
    const kept = await upload(photo);
    expect(kept).toMatchObject({ width: 16, height: 32 });
    for (const thumbnail of [false, true]) {
      const bytes = Buffer.from((await studio.images.file(kept.id, thumbnail)).bytes);
      const { exif, xmp, iptc, icc, comments, orientation } = await sharp(bytes).metadata();
      expect([exif, xmp, iptc, icc, comments, orientation]).toEqual(Array(6).fill(undefined));
      for (const trace of ['Somebody Secret', 'Exif', 'a comment', 'after the end'])
        expect(bytes.includes(trace), trace).toBe(false);
      expect(bytes.includes(rationals([48, 51, 29]))).toBe(false);
      const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels).subarray(0, 3)];
      const [above, below] = [at(8, 4), at(8, 28)];
      expect([above[0]! > 150 && above[2]! < 100, below[2]! > 150 && below[0]! < 100], `${above} ${below}`).toEqual([
        true,
        true,
      ]);
    }
  });

  it('or a file in a form', async () => {
    const form = new FormData();
    form.set('note', 'not the file');
    form.set('photo', new Blob([jpeg], { type: 'text/plain' }), 'x.txt');
    expect(await upload(form)).toMatchObject({ width: 20, height: 30 });
  });

  it('that is too large is refused while it is read', async () => {
    const body = endless();
    await expect(upload(body.stream)).rejects.toMatchObject({
      code: 'image-too-large',
      message: expect.stringContaining('25 MB'),
    });
    expect(body.sent()).toBeLessThan(imageLimits.bytes + 4 * 1024 ** 2);
    expect(body.cancelled()).toBe(true);
    const announced = endless();
    await expect(upload(announced.stream, { 'content-length': String(30 * 1024 ** 2) })).rejects.toMatchObject({
      code: 'image-too-large',
    });
    expect(announced.sent()).toBeLessThanOrEqual(1024 ** 2);
    const form = new FormData();
    form.set('photo', new Blob([new Uint8Array(imageLimits.bytes + 1)]));
    await expect(upload(form)).rejects.toMatchObject({ code: 'image-too-large' });
  });

  it('that holds no picture is a clear error', async () => {
    await expect(upload('')).rejects.toMatchObject({ code: 'image-unreadable' });
    await expect(upload('<p>hello</p>', { 'content-type': 'image/jpeg' })).rejects.toMatchObject({
      code: 'image-unreadable',
    });
    await expect(upload('--broken', { 'content-type': 'multipart/form-data; boundary=x' })).rejects.toMatchObject({
      code: 'image-unreadable',
    });
    const form = new FormData();
    form.set('note', 'hello');
    await expect(upload(form)).rejects.toMatchObject({
      code: 'image-unreadable',
      message: expect.stringContaining('no file'),
    });
  });
});
