import type { RunSettings } from '../../../models/collections/shards';
import type { Answered } from '../sinks/types';
import type { Source } from '../sources/types';
import type { PhotoRow } from './shard-files';

/** A row of a run as it is written out. */
export function answered(
  source: Pick<Source, 'path' | 'imageId'>,
  { key, rows, error }: PhotoRow,
  settings: RunSettings,
): Answered {
  const { family, familyHash, device, precision, lanes } = settings;
  return {
    key,
    path: source.path,
    ...(source.imageId === undefined ? {} : { imageId: source.imageId }),
    family,
    familyHash,
    device,
    precision,
    rows: rows.map((row) => ({ ...row, options: lanes.find(({ id }) => id === row.lane)?.options ?? {} })),
    ...(error ? { error } : {}),
  };
}
