import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { StudioError, type ErrorData } from '../../models/errors';
import type { OwnedComparisons } from '../comparisons/owned';
import type { Studio } from '../studio/studio';
import { statusOf } from '../http/status';
import type { OwnerInfo } from '../../kept/answers';

export type Context = {
  studio: () => Promise<Studio>;
  /** Who asks (server/owners). */
  owner: string;
  ownerKind: OwnerInfo['kind'];
  /** The comparisons as this owner may use them. */
  comparisons: () => Promise<OwnedComparisons>;
  /** The id of the ownership key by which this browser became the owner, if one did. */
  byKey: string | undefined;
  /** Makes the asking browser the owner of a key. @throws forbidden, option-invalid */
  restore: (key: string) => Promise<void>;
};

const t = initTRPC.context<Context>().create({
  transformer: superjson,
  /** `error.data.studio` is the studio's own error: a code for programs, a sentence for people. */
  errorFormatter: ({ shape, error }) => {
    const studio: ErrorData | null = error.cause instanceof StudioError ? error.cause.toData() : null;
    return { ...shape, data: { ...shape.data, studio, stack: undefined } };
  },
  sse: {
    ping: { enabled: true, intervalMs: 5_000 },
    client: { reconnectAfterInactivityMs: 15_000 },
  },
});

export const router = t.router;
/** A procedure whose StudioErrors keep their code and message on the way to the page. */
export const procedure = t.procedure.use(async ({ next }) => {
  const result = await next();
  if (!result.ok && result.error.cause instanceof StudioError) throw asTrpcError(result.error.cause);
  return result;
});

/** For errors inside a subscription, which the middleware above does not see. */
export const asTrpcError = (error: unknown): TRPCError => {
  const cause = StudioError.from(error);
  return new TRPCError({ code: statusOf(cause.code).trpc, message: cause.message, cause });
};
