import { publishedMode } from './decoders/published';
import type { DecoderInput, OptionValues } from './decoders/types';
import type { LaneResult } from './events';
import type { Runner } from './runtime/scheduler';
import { cosine } from './spaces/embedding';
import type { RgbImage } from './spaces/image';
import { cropsDiffer } from './spaces/preprocess';
import type { Space } from './spaces/space';

export type LaneInput = DecoderInput & { told?: LaneResult['ownEmbedding'] };

/**
 * What a lane decodes: the embedding that all lanes share, or one of its own where its mode follows code that cuts this
 * photo elsewhere. @throws cancelled
 */
export async function laneInput(
  { decoder, options }: { decoder: string; options: OptionValues },
  image: RgbImage | undefined,
  shared: DecoderInput,
  space: Space,
  device: Runner,
): Promise<LaneInput> {
  const crop = publishedMode(decoder, options)?.crop;
  if (!crop || !image || !cropsDiffer(image, space.family.manifest.space.image)) return shared;
  const own = await space.encodeImage(image, device, crop);
  return { ...own, told: { crop, cosine: cosine(own.embedding, shared.embedding) } };
}
