import type { DecoderInput } from '../decoders/types';
import { type Embedding, norm } from '../spaces/embedding';
import type { Space } from '../spaces/space';
import type { CompareContext, CompareInput } from './request';

/** The input as decoders take it, encoded once for all lanes; `ms`: the device's time for it. */
export async function encode(
  input: CompareInput,
  space: Space,
  { scheduler, signal }: CompareContext,
): Promise<DecoderInput & { ms: number }> {
  if (input.kind === 'embedding') return { embedding: stated(input.embedding), ms: 0 };
  const lane = scheduler.lane(signal);
  const { embedding, grid } = await space.encodeImage(input.image, lane);
  return { embedding, grid, ms: lane.deviceMs };
}

/** A vector of norm 1 is unit, whatever it was called: towers give raw embeddings of other norms. */
export function stated(embedding: Embedding): Embedding {
  return Math.abs(norm(embedding.values) - 1) < 1e-3 ? { ...embedding, state: 'unit' } : embedding;
}
