import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageLimits } from '../media/decode-image';
import { receiveImage } from './receive-image';
import { scriptedEngine } from './scripted-engine';
import type { Studio } from './studio';
import { openTestStudio, scratchFolder } from './test-studio';

const scratch = scratchFolder();
let studio: Studio;
let jpeg: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  studio = await openTestStudio(scratch.url, scriptedEngine(1));
  const photo = sharp({ create: { width: 30, height: 20, channels: 3, background: '#39c' } });
  // Orientation 6: what is stored lying is shown standing.
  jpeg = new Uint8Array(await photo.withExif({ IFD0: { Artist: 'Somebody' } }).withMetadata({ orientation: 6 }).jpeg().toBuffer());
});
afterAll(async () => {
  await studio.close();
  scratch.remove();
});

const upload = (body: BodyInit, headers: Record<string, string> = {}) =>
  receiveImage(new Request('http://127.0.0.1/api/images', { method: 'POST', body, headers, duplex: 'half' } as RequestInit), studio.images, 'local');

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

describe('an upload', () => {
  it('is the body itself, oriented, without the metadata it came with', async () => {
    const kept = await upload(jpeg);
    expect(kept).toMatchObject({ width: 20, height: 30 });
    const { bytes } = await studio.images.file(kept.id, false);
    expect((await sharp(bytes).metadata()).exif).toBeUndefined();
    expect(Buffer.from(bytes).includes('Somebody')).toBe(false);
  });

  it('or a file in a form', async () => {
    const form = new FormData();
    form.set('note', 'not the file');
    form.set('photo', new Blob([jpeg], { type: 'text/plain' }), 'x.txt');
    expect(await upload(form)).toMatchObject({ width: 20, height: 30 });
  });

  it('that is too large is refused while it is read', async () => {
    const body = endless();
    await expect(upload(body.stream)).rejects.toMatchObject({ code: 'image-too-large', message: expect.stringContaining('25 MB') });
    expect(body.sent()).toBeLessThan(imageLimits.bytes + 4 * 1024 ** 2);
    expect(body.cancelled()).toBe(true);
    const announced = endless();
    await expect(upload(announced.stream, { 'content-length': String(30 * 1024 ** 2) })).rejects.toMatchObject({ code: 'image-too-large' });
    expect(announced.sent()).toBeLessThanOrEqual(1024 ** 2);
    const form = new FormData();
    form.set('photo', new Blob([new Uint8Array(imageLimits.bytes + 1)]));
    await expect(upload(form)).rejects.toMatchObject({ code: 'image-too-large' });
  });

  it('that holds no picture is a clear error', async () => {
    await expect(upload('')).rejects.toMatchObject({ code: 'image-unreadable' });
    await expect(upload('<p>hello</p>', { 'content-type': 'image/jpeg' })).rejects.toMatchObject({ code: 'image-unreadable' });
    await expect(upload('--broken', { 'content-type': 'multipart/form-data; boundary=x' })).rejects.toMatchObject({ code: 'image-unreadable' });
    const form = new FormData();
    form.set('note', 'hello');
    await expect(upload(form)).rejects.toMatchObject({ code: 'image-unreadable', message: expect.stringContaining('no file') });
  });
});
