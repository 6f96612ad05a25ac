import type { ProgramScope } from '../../kept/programs';
import { StudioError } from '../../models/errors';
import type { Env } from '../env/env';
import { isOpenToOthers } from '../env/listen';
import { foreignRequest } from '../env/same-origin';
import { ownerByProgramKey, programKeyPrefix } from '../owners/program-keys';
import { localOwner } from '../owners/signing';
import { clientAddress } from '../owners/client-address';
import type { Studio } from '../studio/studio';

/** Who asks, for whom limits are counted (undefined: nobody's), and what they may. */
export type Caller = { owner: string; client: string | undefined; scope: ProgramScope };

/**
 * Who a program asks for. By its key (`Authorization: Bearer`) the key's owner, with limits of the key's own; without
 * one, where this machine's own person alone reaches the studio, that person: a key that is none of ours, which clients
 * of other APIs always send, is not looked at there. No cookie counts, so that no page asks by accident.
 * @throws key-invalid, busy (too many wrong keys)
 */
export async function callerOf(request: Request, settings: Env, studio: () => Promise<Studio>): Promise<Caller> {
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  const open = isOpenToOthers(settings);
  if (given?.startsWith(programKeyPrefix) || (open && given !== undefined)) {
    const { clients, database } = await studio();
    const asking = open ? clientAddress(request, settings.STUDIO_TRUST_PROXY === '1') : undefined;
    const { owner, id, scope } = await clients.guess(asking, () => ownerByProgramKey(database, given));
    return { owner, client: `program ${id}`, scope };
  }
  if (open)
    throw new StudioError(
      'key-invalid',
      'A program needs a key here: send “Authorization: Bearer KEY”. The page “For programs” makes one, and so does: npm run -s studio -- keys new',
    );
  return { owner: localOwner, client: undefined, scope: 'run' };
}

/**
 * Whether a program may name files and folders of the studio's machine: where that is its own person's alone. A key is
 * no administrator.
 */
export const mayNameFiles = (settings: Env): boolean => !isOpenToOthers(settings);

/** @throws forbidden where a key may only read */
export function demandScope({ scope }: Caller, needed: ProgramScope): void {
  if (needed === 'run' && scope !== 'run')
    throw new StudioError(
      'forbidden',
      'This key may read and not run. Make one of the kind “run” for what captions, embeds or keeps something.',
    );
}

/**
 * Headers that let pages of the origins that were named (STUDIO_API_ORIGINS) read the answer; none for anybody else.
 * @throws forbidden for a page of another origin, also where it only reads
 */
export function originHeaders(request: Request, settings: Env): Record<string, string> {
  const origin = request.headers.get('origin');
  const invited = settings.STUDIO_API_ORIGINS;
  // Reading counts as well here: what is told is worth as much as what is done.
  const foreign = foreignRequest(
    { method: origin === null ? request.method : 'POST', headers: request.headers },
    settings,
    invited,
  );
  if (foreign)
    throw new StudioError(
      'forbidden',
      origin === null
        ? foreign.message
        : `Pages of ${origin} may not call this studio’s API. Whoever runs the studio may name them in STUDIO_API_ORIGINS.`,
    );
  if (origin === null || !invited.includes(origin)) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-headers': 'authorization, content-type, accept',
    'access-control-allow-methods': 'GET, POST',
    'access-control-max-age': '600',
    'cross-origin-resource-policy': 'cross-origin',
    vary: 'origin',
  };
}
