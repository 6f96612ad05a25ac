import { errorFields, type Fields, within } from '../fields';

/** What the list and a comparison by itself both tell of one. */
export const comparisonFields: Fields = {
  id: 'its id',
  createdAt: 'when it was made, in UTC',
  endedAt: 'when it ended',
  status: 'queued, running, finished, cancelled, failed or interrupted',
  title: 'what its owner calls it',
  note: 'what its owner noted',
  family: 'whose decoders answered',
  precision: 'fp32, fp16 or q8',
  'device.*': 'what did the work',
  input: 'image, sample or embedding',
  sample: 'which of the samples, by its name, or null',
  computedBy: 'server, or client where a browser computed it',
  replayOf: 'the comparison that it repeats',
};

/** A lane's place, wherever lanes are listed. */
export const laneFields: Fields = {
  id: 'the name of the lane',
  decoder: 'its decoder',
  status: 'waiting, running, finished, failed, cancelled or interrupted',
  'rating.stars': 'stars that its caption was given, 1 to 5; left out where it was given none',
  'rating.blind': 'whether they were given while the names were hidden',
};

/** Why something failed; null where it did not. */
export const failureFields: Fields = {
  error: 'why it failed, or null',
  ...within('error', { ...errorFields, 'details.*': 'more of it, for programs' }),
};
