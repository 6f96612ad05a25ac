import type { ComparisonView } from '@/kept/comparison';
import { StudioError } from '@/models/errors';
import type { StudioClient } from '../client/client';
import { msg } from '../languages/msg';
import type { Address } from './address';
import { type LocalComparison, localComparison } from './local-comparisons';
import { localView } from './local-view';

export type WholeComparison = {
  view: ComparisonView;
  /** What of it is kept in this browser, and what of that ran on the studio. */
  local?: LocalComparison;
  half?: ComparisonView;
};

/** A comparison as it is kept, both halves of it, for what is made of it. @throws Error, in words: not-found */
export async function wholeComparison(client: StudioClient, { where, id }: Address): Promise<WholeComparison> {
  if (where === 'server') return { view: await client.comparison.get.query({ id }) };
  const local = await localComparison(id);
  if (!local) throw new StudioError('not-found', msg('This comparison is not in this browser (any more).'));
  // What is here is whole without the studio.
  const half =
    local.serverId === undefined
      ? undefined
      : await client.comparison.get.query({ id: local.serverId }).catch(() => undefined);
  return { local, view: localView(local, half), ...(half ? { half } : {}) };
}
