import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import * as z from 'zod';
import { StudioError } from '../../models/errors';
import type { OwnedComparisons } from '../comparisons/owned';
import { told } from '../errors/told';
import { whatDoesNotFit } from '../env/zod-words';
import type { Studio } from '../studio/studio';
import { statusOf } from '../http/status';
import type { OwnerInfo } from '../../kept/answers';

export type Context = {
  studio: () => Promise<Studio>;
  /** Who asks (server/owners). */
  owner: string;
  ownerKind: OwnerInfo['kind'];
  /** Whom limits are counted for; undefined where there are none. */
  client: string | undefined;
  /** The comparisons as this owner may use them. */
  comparisons: () => Promise<OwnedComparisons>;
  /** The id of the ownership key by which this browser became the owner, if one did. */
  byKey: string | undefined;
  /** Makes the asking browser the owner of a key. @throws forbidden, option-invalid, busy */
  restore: (key: string) => Promise<void>;
  /** Whether the asking browser showed an administrator's key that still stands. */
  isAdministrator: () => Promise<boolean>;
  /** Gives the asking browser the right of an administrator. @throws forbidden, busy */
  administer: (key: string) => Promise<void>;
  /** An error as the asking browser may read it: without the server's folders, where others may ask. */
  readable: (error: StudioError) => Promise<StudioError>;
};

const t = initTRPC.context<Context>().create({
  transformer: superjson,
  /** `error.data.studio` is the studio's own error: a code for programs, a sentence for people. */
  errorFormatter: ({ shape, error }) => {
    const studio = studioError(error).toData();
    const { stack: _, ...data } = shape.data;
    return { ...shape, message: studio.message, data: { ...data, studio } };
  },
  sse: {
    ping: { enabled: true, intervalMs: 5_000 },
    client: { reconnectAfterInactivityMs: 15_000 },
  },
});

export const router = t.router;
/** A procedure whose errors are told in the studio's words, under their status. */
export const procedure = t.procedure.use(async ({ ctx, next }) => {
  const result = await next();
  if (!result.ok && result.error.code === 'INTERNAL_SERVER_ERROR') throw await asTrpcError(result.error.cause, ctx);
  return result;
});

/** For errors inside a subscription, which the middleware above does not see. */
export const asTrpcError = async (error: unknown, ctx: Context): Promise<TRPCError> => {
  const cause = await ctx.readable(told(error));
  return new TRPCError({ code: statusOf(cause.code).trpc, message: cause.message, cause });
};

/** What goes out: never the words of tRPC itself, of the check of the input, or of whatever else threw. */
function studioError({ cause, code, message }: TRPCError): StudioError {
  if (cause instanceof StudioError) return cause;
  if (cause instanceof z.core.$ZodError)
    return new StudioError('option-invalid', `The request does not fit: ${whatDoesNotFit(cause)}.`);
  if (code === 'NOT_FOUND') return new StudioError('not-found', 'This studio knows no such request.');
  if (code === 'INTERNAL_SERVER_ERROR') return told(cause ?? new Error(message));
  return new StudioError(
    'option-invalid',
    'The request has not the form that this studio reads: JSON, by GET or POST.',
  );
}

/** A procedure that changes models: for the machine's own person, or an administrator. */
export const modelProcedure = procedure.use(async ({ ctx, next }) => {
  (await ctx.studio()).models.demandRight(await ctx.isAdministrator());
  return next();
});
