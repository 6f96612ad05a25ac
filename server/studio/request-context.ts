import { StudioError } from '../../models/errors';
import type { OwnedComparisons } from '../comparisons/owned';
import type { Studio } from './studio';
import type { Env } from '../env/env';
import { clientAddress } from '../owners/client-address';
import { administratorSetCookie, isAdministrator } from '../owners/administrator';
import { administratorByKey, keyStands, ownerByKey } from '../owners/keys';
import { ownersByCookie } from '../env/listen';
import { forVisitors } from '../errors/for-visitors';
import { ownerSetCookie, requestOwner } from '../owners/request-owner';
import { newOwner } from '../owners/signing';

/** Who asks, as routes and tRPC need it. */
export type RequestContext = {
  owner: string;
  ownerKind: 'local' | 'browser';
  /** The id of the ownership key by which this browser became the owner, if one did. */
  byKey: string | undefined;
  /** Whom limits are counted for; undefined where there are none. */
  client: string | undefined;
  comparisons: () => Promise<OwnedComparisons>;
  studio: () => Promise<Studio>;
  /** Makes the asking browser the owner of a key. @throws forbidden, option-invalid, busy */
  restore: (key: string) => Promise<void>;
  /** Whether the asking browser showed an administrator's key that still stands. */
  isAdministrator: () => Promise<boolean>;
  /** Gives the asking browser the right of an administrator. @throws forbidden, busy */
  administer: (key: string) => Promise<void>;
  /** An error as the asking browser may read it: without the server's folders, where others may ask. */
  readable: (error: StudioError) => Promise<StudioError>;
};

/** @param setCookie takes a Set-Cookie header for the answer */
export async function requestContext(
  request: Request,
  settings: Env,
  studio: () => Promise<Studio>,
  setCookie: (header: string) => void,
): Promise<RequestContext> {
  const { owner, isNew, key } = await ownerNow(request, settings, studio);
  const byCookie = ownersByCookie(settings);
  const client = byCookie ? clientAddress(request, settings.STUDIO_TRUST_PROXY === '1') : undefined;
  const administers = () => isAdministrator(request, settings, async () => (await studio()).database);
  // A page that is opened brings its cookie (proxy.ts); this is for programs that begin by making something.
  if (isNew && request.method !== 'GET' && request.method !== 'HEAD')
    setCookie(ownerSetCookie({ owner }, request, settings));
  return {
    owner,
    ownerKind: byCookie ? 'browser' : 'local',
    byKey: key,
    client,
    studio,
    comparisons: async () => (await studio()).of(owner, client),
    isAdministrator: administers,
    readable: async (error) => ((await administers().catch(() => false)) ? error : forVisitors(error, settings)),
    administer: async (given) => {
      const { clients, database } = await studio();
      // Counted wherever the studio listens, also where there is one owner.
      const asking = clientAddress(request, settings.STUDIO_TRUST_PROXY === '1');
      const key = await clients.guess(asking, () => administratorByKey(database, given));
      setCookie(administratorSetCookie(key, request, settings));
    },
    restore: async (given) => {
      if (!byCookie)
        throw new StudioError(
          'option-invalid',
          'On the loopback everybody is the one local owner; there is nothing to restore.',
        );
      const { clients, database } = await studio();
      const restored = await clients.guess(client, () => ownerByKey(database, given));
      setCookie(ownerSetCookie({ owner: restored.owner, key: restored.id }, request, settings));
    },
  };
}

/** Who asks; whoever came by a key that was revoked since is a stranger. */
async function ownerNow(
  request: Request,
  settings: Env,
  studio: () => Promise<Studio>,
): Promise<ReturnType<typeof requestOwner>> {
  const asked = requestOwner(request, settings);
  if (asked.key === undefined || (await keyStands((await studio()).database, asked.owner, asked.key))) return asked;
  return { owner: newOwner(), isNew: true };
}
