import { publishedMode } from './decoders/published';
import type { OptionValues } from './decoders/option-spec';
import type { Decoder, DecoderInput } from './decoders/types';
import type { LaneResult } from './events';
import type { Runner } from './runtime/scheduler';
import { cosine } from './spaces/embedding';
import type { Photo } from './spaces/prepared';
import { cropsDiffer } from './spaces/preprocess';
import { encodeBy, type Space } from './spaces/space';
import type { Family } from './weights/family';

export type LaneInput = DecoderInput & { told?: LaneResult['ownEmbedding'] };

/**
 * What a lane decodes: the embedding that all lanes share, or one of its own where its mode follows code that cuts this
 * photo elsewhere; and the tokens of an image tower of its own, where the decoder has one. @throws cancelled
 */
export async function laneInput(
  decoder: Pick<Decoder, 'name' | 'modes' | 'imageTower'>,
  options: OptionValues,
  image: Photo | undefined,
  shared: DecoderInput,
  space: Space,
  family: Family,
  device: Runner,
): Promise<LaneInput> {
  const grid = image && (await ownGrid(decoder, image, family, device));
  if (grid) return { ...shared, grid };
  const crop = publishedMode(decoder.modes, options)?.crop;
  if (!crop || !image || !cropsDiffer(image, family.manifest.space.image)) return shared;
  const own = await space.encodeImage(image, device, crop);
  return { ...own, told: { crop, cosine: cosine(own.embedding, shared.embedding) } };
}

/**
 * The tokens of a photo by a decoder's own image tower; undefined where it reads the space's. The space still scores
 * what it says.
 */
async function ownGrid(
  { name, imageTower }: Pick<Decoder, 'name' | 'imageTower'>,
  image: Photo,
  family: Family,
  device: Runner,
): Promise<DecoderInput['grid']> {
  if (imageTower === undefined || !family.graphNames.includes(imageTower)) return undefined;
  const { decoders, space } = family.manifest;
  const photos = decoders[name]?.image ?? space.image;
  return (await encodeBy(await family.session(imageTower), image, photos, family.runtime, device)).grid;
}
