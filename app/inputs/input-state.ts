import type { Input, InputStatus, Source } from './inputs';
import type { LocalRuns } from '../comparisons/local-runs';
import type { ServerComparisons } from '../comparisons/server-comparisons';

/** What an input is made of, as it was given or as its comparison keeps it; undefined while that is not known. */
export function sourceOfInput(input: Input, server: ServerComparisons, local: LocalRuns): Source | undefined {
  if (input.source) return input.source;
  const mine = local.comparison(input.localId);
  if (mine?.photo) return { kind: 'photo', name: mine.photo.name, blob: mine.photo.blob };
  if (mine?.embedding) return { kind: 'embedding', ...mine.embedding };
  const theirs = server.shown(input.serverId);
  if (theirs?.input === 'sample') return { kind: 'sample' };
  if (theirs?.picture)
    return { kind: 'photo', name: theirs.title || 'photo', imageId: theirs.picture.id, url: theirs.picture.url };
  if (theirs?.embedding)
    return {
      kind: 'embedding',
      name: theirs.title || 'embedding',
      values: theirs.embedding,
      ...(theirs.modality ? { modality: theirs.modality } : {}),
    };
  return undefined;
}

/** How far its comparisons are, in the strip’s words. */
export function inputStatus(input: Input, server: ServerComparisons, local: LocalRuns): InputStatus {
  if (input.problem) return 'failed';
  if (input.skipped) return 'not run';
  const states = [...(input.serverId ? [server.shown(input.serverId)?.state] : []), ...local.states(input.localId)];
  if (input.waiting || !states.length) return 'waiting';
  if (states.some((state) => !state || state.status === 'queued' || state.status === 'running')) return 'running';
  return states.every((state) => state!.lanes.every(({ status }) => status === 'failed')) ? 'failed' : 'done';
}
