import * as z from 'zod';
import { mostSent } from '../../kept/collections/requests';
import { StudioError } from '../../models/errors';
import { imageLimits } from '../../models/spaces/image-kind';
import type { SentPhoto, Uploads } from '../collections/uploads/uploads';
import { WorkQueue } from '../comparisons/queue';
import { readBody } from '../comparisons/receive-image';

/** One request brings some photos, or one at its largest; the form around them takes a little. */
const requestLimit = imageLimits.bytes + 8 * 1024 ** 2;
/** So many requests are read and decoded at once; each is in memory as a whole. */
const receiving = new WorkQueue({ running: 4, waiting: 24 }, 'uploads of photos');

const listed = z
  .array(
    z.strictObject({
      position: z.number().int().min(0).max(mostSent),
      key: z.string().min(1).max(1024),
      /** The page does not send it: it is too large. */
      tooLarge: z.boolean().optional(),
    }),
  )
  .min(1)
  .max(200);

/**
 * Keeps photos that a page sends for a collection: a form with `list`, which places and names them, and a file for each
 * under the name of its place. Photos that cannot be read are kept as that. @returns how many were taken
 * @throws option-invalid (no such form), image-too-large (of the whole request), busy, storage-full, not-found
 */
export async function receivePhotos(
  request: Request,
  uploads: Uploads,
  ownerId: string,
  uploadId: string,
): Promise<{ taken: number }> {
  const place = receiving.enter(ownerId);
  try {
    await place.turn(request.signal);
    const body = await readBody(request, requestLimit);
    const type = request.headers.get('content-type') ?? '';
    const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch(() => undefined);
    const list = listed.safeParse(parsed(form?.get('list')));
    if (!form || !list.success)
      throw new StudioError('option-invalid', 'The upload is not a whole form of photos. Send them again.');
    for (const { position, key, tooLarge } of list.data)
      await uploads.add(ownerId, uploadId, await sentPhoto(form.get(String(position)), position, key, tooLarge));
    return { taken: list.data.length };
  } finally {
    place.leave();
  }
}

async function sentPhoto(
  file: FormDataEntryValue | null,
  position: number,
  key: string,
  tooLarge = false,
): Promise<SentPhoto> {
  if (tooLarge)
    return {
      position,
      key,
      error: new StudioError('image-too-large', `The file is larger than ${imageLimits.bytes / 1024 ** 2} MB.`),
    };
  if (!file || typeof file === 'string')
    throw new StudioError('option-invalid', `The photo ${key} is not in the upload. Send it again.`);
  return { position, key, bytes: new Uint8Array(await file.arrayBuffer()) };
}

function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
