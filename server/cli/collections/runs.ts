import { StudioError } from '../../../models/errors';
import { type RunView, standing } from '../../collections/run/types';
import { RunStore } from '../../collections/run/store';
import { localOwner } from '../../owners/signing';
import type { Values } from '../args';
import type { Fields } from '../fields';
import { openKept } from '../history/kept';
import type { Io } from '../io';

/** Opens the runs of the database that the flags name, and closes it again. */
export async function withRuns<T>(values: Values, io: Io, work: (store: RunStore) => Promise<T>): Promise<T> {
  const database = await openKept(values, io);
  try {
    return await work(new RunStore(database));
  } finally {
    await database.$disconnect();
  }
}

/** The run whose id begins so. @throws not-found, option-invalid where several do, or none is named */
export async function runOf(given: string | undefined, store: RunStore): Promise<RunView> {
  if (!given) throw new StudioError('option-invalid', 'Name a run by its id; collections list shows them.');
  const found = (await store.list(localOwner)).filter(({ id }) => id.startsWith(given));
  if (found.length > 1)
    throw new StudioError(
      'option-invalid',
      `Several runs begin with ${given}: ${found.map(({ id }) => id.slice(0, shownId)).join(', ')}. Write more of the id.`,
    );
  if (!found[0])
    throw new StudioError(
      'not-found',
      `There is no run ${given} in this database; collections list shows those there are.`,
    );
  return found[0];
}

/** Letters of an id that tell it from the others. */
export const shownId = 12;

/** A run in two lines. */
export function runLines(run: RunView): string {
  const { id, title, createdAt, total, done, failed, settings, error } = run;
  const lanes = settings.lanes.map((lane) => lane.id ?? lane.decoder).join(', ') || 'embeddings';
  const failures = failed ? `, ${failed} could not be read or have a decoder that failed` : '';
  return `${id.slice(0, shownId)}  ${standing(run).padEnd(11)}  ${done} of ${total} photos${failures}  ${title}
${' '.repeat(shownId)}  ${createdAt.toISOString().slice(0, 16).replace('T', ' ')}  ${lanes}, ${settings.family}, ${settings.precision} on ${settings.device}${error ? `: ${error.message}` : ''}`;
}

export const runViewFields: Fields = {
  id: 'its id',
  title: 'what was given to it',
  status: 'running, paused, finished, failed, cancelled',
  working: 'whether a process works on it now; a running one without was cut off',
  createdAt: 'when it began',
  endedAt: 'when it ended, or null',
  total: 'its photos',
  done: 'photos that are done, failed ones too',
  failed: 'photos that could not be read, or have a decoder that failed',
  'settings.*': 'family, its hash, precision, device, lanes with their options',
  error: 'what ended it, or null',
};
