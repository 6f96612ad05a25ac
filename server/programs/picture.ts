import * as z from 'zod';
import { id } from '../../kept/fields';
import { amongUploads, receiveBytes, receiveFrom } from '../comparisons/receive-image';
import { addressRule } from '../env/env';
import { fromBase64 } from '../media/from-base64';
import type { Call } from './operation';

/** A picture of a request in JSON, in one of three ways. */
export const pictureReference = z
  .union([
    z.strictObject({ base64: z.string().min(1).describe('The file in base64, or as a data: address') }),
    z.strictObject({ id: id.describe('Of a picture that was kept (POST /api/v1/images)') }),
    z.strictObject({ address: z.string().max(8_000).describe('Fetched by the studio, where its settings allow it') }),
  ])
  .describe('The picture: its file in base64, a kept one, or an address');
export type PictureReference = z.infer<typeof pictureReference>;

/**
 * The kept picture that a reference names. `own`: it was kept for this request alone.
 * @throws option-invalid, image-unreadable, image-too-large, forbidden (addresses), busy, storage-full
 */
export async function pictureOf(
  reference: PictureReference,
  { studio, caller, settings, signal, picture }: Pick<Call, 'studio' | 'caller' | 'settings' | 'signal' | 'picture'>,
): Promise<{ id: string; own: boolean }> {
  if ('id' in reference) return { id: reference.id, own: reference.id === picture };
  studio.clients.upload(caller.client);
  await studio.demandRoom(caller.owner);
  if ('address' in reference) {
    const rule = addressRule(settings);
    return { id: (await receiveFrom(reference.address, rule, studio.images, caller.owner, signal)).id, own: true };
  }
  const bytes = fromBase64(reference.base64);
  return amongUploads(caller.owner, async () => ({
    id: (await receiveBytes(bytes, studio.images, caller.owner, signal)).id,
    own: true,
  }));
}
