import { StudioError } from '../../models/errors';
import type { ComparisonView } from '../../kept/comparison';
import type { CreateComparison } from '../../kept/requests';

/**
 * The request that runs a comparison again: same picture (or embedding, where there is no picture), lanes, options
 * (seeds among them), family and precision. @throws needs-image, option-invalid
 */
export function replayRequest(view: ComparisonView): CreateComparison {
  if (view.status === 'queued' || view.status === 'running')
    throw new StudioError('option-invalid', 'This comparison still runs. Replay it when it is done.');
  if (!view.image && !view.embedding)
    throw new StudioError(
      'needs-image',
      'This comparison was kept without its picture, so it cannot be run again. What it said and how can still be looked at.',
    );
  return {
    input: view.image
      ? { kind: 'image', imageId: view.image.id }
      : { kind: 'embedding', values: view.embedding!, ...(view.modality ? { modality: view.modality } : {}) },
    family: view.family,
    ...(view.precision ? { precision: view.precision } : {}),
    ...(view.title ? { title: view.title } : {}),
    lanes: view.lanes.map(({ id, decoder, options }) => ({
      id,
      decoder,
      options: options as NonNullable<NonNullable<CreateComparison['lanes']>[number]['options']>,
    })),
  };
}
