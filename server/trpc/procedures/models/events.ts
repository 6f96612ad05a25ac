import type { ModelJob } from '../../../families/types';
import { asTrpcError, procedure } from '../../init';

/**
 * All jobs as they stand, at once and after each change. Each item is whole, so a page that comes later misses nothing.
 */
export const modelEvents = procedure.subscription(async function* ({
  ctx,
  signal,
}): AsyncGenerator<ModelJob[], void, void> {
  try {
    yield* (await ctx.studio()).models.follow(ctx.isAdministrator, signal);
  } catch (error) {
    throw await asTrpcError(error, ctx);
  }
});
