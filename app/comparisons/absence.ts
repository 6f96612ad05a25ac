import { TRPCClientError } from '@trpc/client';
import type { ErrorData } from '@/models/errors';

/**
 * Why the comparison that an address names is not there. `deleted`: by its owner, who can still bring it back.
 * `unknown`: deleted for good,
 * somebody else's, or never there; a studio tells nobody which.
 */
export type Absence = 'deleted' | 'unknown';

/**
 * What an error of the server says about a comparison that was asked for; undefined where it may be there, and asking
 * again may help.
 */
export function absenceOf(error: unknown): Absence | undefined {
  if (!(error instanceof TRPCClientError)) return undefined;
  const data = error.data as { code?: string; studio?: ErrorData | null } | undefined;
  // What does not even look like an id or a link of a studio is refused as bad input.
  if (data?.studio?.code !== 'not-found' && data?.code !== 'BAD_REQUEST') return undefined;
  return data.studio?.details?.deleted === true ? 'deleted' : 'unknown';
}
