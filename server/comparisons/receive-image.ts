import * as z from 'zod';
import { StudioError } from '../../models/errors';
import { decodeImage, imageLimits } from '../media/decode-image';
import { type AddressRule, fetchPicture } from '../media/fetch-picture';
import type { UploadedImage } from '../../kept/answers';
import type { ImageStore } from './images';
import { WorkQueue } from './queue';

const uploadLimit = imageLimits.bytes;
/** The form around a file may take a little more. */
const formRoom = 64 * 1024;
/** So many uploads may come in at once; each holds up to its limit in memory, however slowly it comes. */
const uploads = new WorkQueue({ running: 32, waiting: 0 }, 'uploads');
/** A decoded photo takes up to 150 MB, so only a few are decoded at once. */
const decoding = new WorkQueue({ running: 2, waiting: 32 }, 'photos');

/**
 * Reads, decodes and keeps the picture of an upload: the bytes themselves as the body, or `multipart/form-data` with
 * one file.
 * What kind of picture it is is told by its bytes alone.
 * @throws image-too-large (as soon as the limit is passed, not after the whole body), image-unreadable, busy
 */
export async function receiveImage(request: Request, images: ImageStore, ownerId: string): Promise<UploadedImage> {
  const type = request.headers.get('content-type') ?? '';
  const isForm = /^multipart\/form-data\b/i.test(type);
  return amongUploads(ownerId, async () => {
    const body = await readBody(request, isForm ? uploadLimit + formRoom : uploadLimit);
    return receiveBytes(isForm ? await fileOfForm(body, type) : body, images, ownerId, request.signal);
  });
}

/**
 * Fetches, decodes and keeps the picture of the address in `{"address"}`. Its place among the uploads is taken before
 * anything is asked
 * for, since it holds as much. @throws forbidden (addresses are not fetched here, or not this one), option-invalid,
 * image-unreadable, image-too-large, busy
 */
export async function receiveAddress(
  request: Request,
  images: ImageStore,
  ownerId: string,
  rule: 'off' | AddressRule,
): Promise<UploadedImage & { name: string }> {
  if (rule === 'off') throw addressesOff();
  const body = await readBody(
    request,
    8 * 1024,
    () => new StudioError('option-invalid', 'The address is too long; at most 8 KB.'),
  );
  const parsed = wantedAddress.safeParse(parseJson(new TextDecoder().decode(body)));
  if (!parsed.success) throw new StudioError('option-invalid', 'Expected {"address": "https://…"}.');
  return receiveFrom(parsed.data.address, rule, images, ownerId, request.signal);
}

/** The same for an address alone. @throws forbidden, option-invalid, image-unreadable, image-too-large, busy */
export async function receiveFrom(
  address: string,
  rule: 'off' | AddressRule,
  images: ImageStore,
  ownerId: string,
  signal: AbortSignal,
): Promise<UploadedImage & { name: string }> {
  if (rule === 'off') throw addressesOff();
  return amongUploads(ownerId, async () => {
    const { bytes, name } = await fetchPicture(address, rule, { signal });
    return { ...(await decodeAndKeep(bytes, images, ownerId, signal)), name };
  });
}
const addressesOff = () =>
  new StudioError(
    'forbidden',
    'This studio fetches no pictures from addresses. Open the address in a tab, copy the picture itself (right click, Copy image) and paste it here; or save it and drop the file.',
  );

/** Does what holds a body in memory while a place among the uploads is held. @throws busy, as the work */
export async function amongUploads<T>(ownerId: string, work: () => Promise<T>): Promise<T> {
  const upload = uploads.enter(ownerId);
  try {
    return await work();
  } finally {
    upload.leave();
  }
}

/** Decodes and keeps a picture that came within another body. @throws image-too-large, image-unreadable, busy */
export async function receiveBytes(
  bytes: Uint8Array,
  images: ImageStore,
  ownerId: string,
  signal: AbortSignal,
): Promise<UploadedImage> {
  if (bytes.byteLength > uploadLimit) throw tooLarge();
  return decodeAndKeep(bytes, images, ownerId, signal);
}

const wantedAddress = z.strictObject({ address: z.string() });

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function decodeAndKeep(
  bytes: Uint8Array,
  images: ImageStore,
  ownerId: string,
  signal: AbortSignal,
): Promise<UploadedImage> {
  const place = decoding.enter(ownerId);
  try {
    await place.turn(signal);
    const { image, format, profile } = await decodeImage(bytes);
    return await images.save(image, format, { ownerId, profile });
  } finally {
    place.leave();
  }
}

/** The body of a request. @throws image-too-large as soon as the limit is passed */
export async function readBody(
  request: Request,
  limit: number,
  refusal: () => StudioError = tooLarge,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw refusal();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > limit) {
      await reader.cancel();
      throw refusal();
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

async function fileOfForm(body: Uint8Array<ArrayBuffer>, type: string): Promise<Uint8Array> {
  const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch((cause: unknown) => {
    throw new StudioError('image-unreadable', 'The upload is not a whole form. Send the photo again.', { cause });
  });
  for (const value of form.values()) if (typeof value !== 'string') return new Uint8Array(await value.arrayBuffer());
  throw new StudioError(
    'image-unreadable',
    'The form holds no file. Choose a photo (JPEG, PNG, WebP, GIF, AVIF or TIFF).',
  );
}

const tooLarge = () =>
  new StudioError(
    'image-too-large',
    `The file is larger than ${uploadLimit / 1024 ** 2} MB. Send a smaller photo: 2000 pixels on the longer side is plenty.`,
    { details: { limitBytes: uploadLimit } },
  );
