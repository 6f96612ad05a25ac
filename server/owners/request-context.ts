import { StudioError } from '../../models/errors';
import type { OwnedComparisons } from '../comparisons/owned';
import type { Studio } from '../comparisons/studio';
import type { Env } from '../env/env';
import { clientAddress } from './client-address';
import { ownersByCookie, ownerSetCookie, requestOwner, secretOf } from './request-owner';
import { ownerOfKey, ownershipKey } from './signing';

/** Who asks, as routes and tRPC need it. */
export type RequestContext = {
  owner: string;
  ownerKind: 'local' | 'browser';
  /** Whom limits are counted for; undefined where there are none. */
  client: string | undefined;
  comparisons: () => Promise<OwnedComparisons>;
  studio: () => Promise<Studio>;
  ownership: { key: () => string; restore: (key: string) => void };
};

/** @param setCookie takes a Set-Cookie header for the answer */
export function requestContext(request: Request, settings: Env, studio: () => Promise<Studio>, setCookie: (header: string) => void): RequestContext {
  const { owner, isNew } = requestOwner(request, settings);
  const byCookie = ownersByCookie(settings);
  const client = byCookie ? clientAddress(request, settings.STUDIO_TRUST_PROXY === '1') : undefined;
  // A page that is opened brings its cookie (proxy.ts); this is for programs that begin by making something.
  if (isNew && request.method !== 'GET' && request.method !== 'HEAD') setCookie(ownerSetCookie(owner, request, settings));
  return {
    owner,
    ownerKind: byCookie ? 'browser' : 'local',
    client,
    studio,
    comparisons: async () => (await studio()).of(owner, client),
    ownership: {
      key: () => ownershipKey(secretOf(settings), owner),
      restore: (key) => {
        if (!byCookie) throw new StudioError('option-invalid', 'On the loopback everybody is the one local owner; there is nothing to restore.');
        const restored = ownerOfKey(secretOf(settings), key);
        if (!restored) throw new StudioError('forbidden', 'This is not an ownership key of this studio. It begins with “caption-studio.” and must be whole; a key of another studio does not fit.');
        setCookie(ownerSetCookie(restored, request, settings));
      },
    },
  };
}
