import type { PersonCaption } from '@/kept/person-captions';
import type { Ratings } from '@/kept/ratings';
import { StudioError } from '@/models/errors';
import { msg } from '../languages/msg';
import type { Problem } from '../languages/problem-text';
import type { DownloadProgress } from '../engine/messages';
import type { Film, LaneFilm } from '../views/film';
import type { Absence } from './absence';
import type { ComparisonState } from './lane-state';
import type { SaveOffer } from './save-local';
import type { Source } from './source';

/** All that is known of a comparison at one moment. */
export type Snapshot = {
  /** What is kept of it has been read. */
  known: boolean;
  /** The lanes of all parts, in the order in which they stand side by side. */
  lanes: readonly LaneFilm[];
  /** How each part stands that runs on a device of its own: the server's first, then each run of this browser. */
  parts: readonly ComparisonState[];
  running: boolean;
  family?: string;
  /** Weights on their way into this browser. */
  download?: DownloadProgress;
  /** The input's encoding. */
  encoded?: Film['encoded'];
  /** What kept all lanes of a part from running. */
  failure?: Problem;
  /** It cannot be read, followed or kept just now. */
  problem?: Problem;
  absence?: Absence;
  picture?: { url: string };
  /** It was saved without its picture. */
  withheld: boolean;
  source?: Source;
  /** The embedding that was given, or sent along. */
  embedding?: { values: readonly number[]; modality: 'image' | 'text' };
  title: string;
  references: readonly string[];
  ratings: Ratings;
  /** What a person says of the photo. */
  said: readonly PersonCaption[];
  /** What can be saved on the studio; undefined where nothing is in this browser alone. */
  offer?: SaveOffer;
};

export const nothingKnown: Snapshot = {
  known: false,
  lanes: [],
  parts: [],
  running: false,
  withheld: false,
  title: '',
  references: [],
  ratings: {},
  said: [],
};

export const isRunning = ({ status }: Pick<ComparisonState, 'status'>) => status === 'queued' || status === 'running';

/** A lane's caption, to be accepted. @throws option-invalid where it has none */
export function captionOf({ lanes }: Pick<Snapshot, 'lanes'>, lane: string): string {
  const caption = lanes.find(({ id }) => id === lane)?.result?.caption.trim();
  if (!caption) throw new StudioError('option-invalid', msg('This lane has no caption that could be accepted.'));
  return caption;
}

/**
 * Joins the parts of one comparison, each with its own device. A lane that ran more than once shows its last run: of
 * the parts for which `lastOf` holds, or else of the later part. Pure.
 */
export function joinParts(
  parts: readonly ComparisonState[],
  lastOf: (lane: string, part: ComparisonState) => boolean = () => true,
): Pick<Snapshot, 'lanes' | 'parts' | 'running' | 'encoded' | 'failure' | 'family'> {
  const lanes = new Map<string, LaneFilm>();
  for (const part of parts)
    for (const lane of part.lanes) if (lastOf(lane.id, part) || !lanes.has(lane.id)) lanes.set(lane.id, lane);
  const failed = parts.find(({ status, error }) => status === 'failed' && error)?.error;
  const encoded = parts.find((part) => part.encoded)?.encoded;
  const family = parts.find((part) => part.family)?.family;
  // What kept all from running is said once, and not in every lane again.
  const told = (lane: LaneFilm): LaneFilm =>
    failed && lane.error?.message === failed.message
      ? { ...lane, error: { ...lane.error, message: msg('It did not run. Why stands with the photo.') } }
      : lane;
  return {
    lanes: failed ? [...lanes.values()].map(told) : [...lanes.values()],
    parts,
    running: parts.some(isRunning),
    ...(family === undefined ? {} : { family }),
    ...(encoded ? { encoded } : {}),
    ...(failed ? { failure: failed } : {}),
  };
}
