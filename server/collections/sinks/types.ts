import type { LaneResult } from '../../../models/events';
import type { Source } from '../sources/types';

/** What went wrong, for people and programs. */
export type Fault = { code: string; message: string };

/** What one lane said of one photo. */
export type AnsweredRow = {
  /** The lane's id; of the command line it is the decoder's name. */
  lane: string;
  decoder: string;
  /** All options of the lane, defaults filled in. */
  options: Record<string, unknown>;
  seed?: number;
  caption?: string;
  /** All candidates, best first, and their cosines. */
  captions?: string[];
  similarity?: number;
  similarities?: number[];
  tokens?: number[];
  logProb?: number;
  certainty?: 'likely' | 'unsure';
  ownEmbedding?: LaneResult['ownEmbedding'];
  /** The search optimised this very cosine, so it ranks nothing. */
  optimised?: boolean;
  error?: Fault;
  /** What a person thought of the caption: 1 to 5. */
  stars?: number;
};

/** All that was said of one photo. It holds no times: the same run writes the same bytes. */
export type Answered = {
  key: string;
  path: string;
  imageId?: number | string;
  family: string;
  familyHash: string;
  device: string;
  precision: string;
  rows: AnsweredRow[];
  /** A person's own caption, when they wrote it (ISO 8601), and whose it is: the studio's name of the owner. */
  own?: { caption: string; at: string; by: string };
  /** The photo itself could not be read; then there are no rows. */
  error?: Fault;
};

/** Where answers go, a photo after another. One call at a time. */
export interface Sink {
  /** @throws storage-full, file-unreadable: what was written before stays whole */
  write(photo: Answered): Promise<void>;
  /** The output is whole and closed. @throws as write */
  finish(): Promise<void>;
  /** Closed as it is: what was written stays readable, or is gone on with by `resume`. Never throws. */
  abandon(): Promise<void>;
}

export type OpenSink = Sink & {
  /** Keys that the output holds already, where it is resumed. */
  readonly done: ReadonlySet<string>;
  /** What a person should know of the output before the work, a sentence each. */
  readonly tell: readonly string[];
};

export const sinkFormats = ['jsonl', 'csv', 'coco', 'parquet', 'webdataset'] as const;
export type SinkFormat = (typeof sinkFormats)[number];

/** For `openSink(io, path, wishes)` in open.ts. */
export type SinkWishes = {
  /** Told by the ending of the name where it is left out: .jsonl, .csv, .json (COCO results), .parquet, .tar. */
  readonly format?: SinkFormat;
  /** What becomes of an output that is there already: refused, replaced, or gone on with. */
  readonly mode: 'new' | 'overwrite' | 'resume';
  /** The ids of the lanes, in the order of `Answered.rows`. */
  readonly lanes: readonly string[];
  /** All that will be written: what cannot be (an id that COCO lacks, a sidecar in an archive) is refused at once. */
  readonly sources: readonly Source[];
};

/** Captions as text files beside the photos (`--sidecar`), for `openSidecar(wishes)` in sidecar.ts. */
export type SidecarWishes = Pick<SinkWishes, 'lanes' | 'sources'> & {
  /** What becomes of a text that is there already: kept, added to as a line (once), or replaced. */
  readonly mode: 'skip' | 'append' | 'overwrite';
  /** Put before and behind every caption. */
  readonly prefix?: string;
  readonly suffix?: string;
};
