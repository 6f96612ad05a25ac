import type { BatchAnswer, BatchGiven, BatchRequest } from '../../../models/collections/types';
import type { NamedInput, RunSettings, Shard } from '../../../models/collections/shards';
import type { ErrorData } from '../../../models/errors';
import type { SourceWishes } from '../sources/types';

export type RunStatus = 'running' | 'paused' | 'cancelled' | 'failed' | 'finished';
export type NamedShard = Shard & { name: string };

/** An input as a run reads it. */
export type RunInput = NamedInput & {
  read(signal?: AbortSignal): Promise<Uint8Array>;
  /** The absolute path, of a photo that is a file of its own. */
  readonly file?: string;
};

/** What a run was begun with, so that another process can go on with it. */
export type RunOrigin = {
  /**
   * The folder in which the person stood, and the rest as flags have it; undefined where the photos were sent by a page
   * (`uploadId`).
   */
  named?: { cwd: string } & Omit<SourceWishes, 'addresses' | 'addressMs'>;
  uploadId?: string;
  shardSize?: number;
  /** What a person should know of how the photos were found, a sentence each. */
  tell: readonly string[];
};

/** What is to be done: inputs × lanes. */
export type RunRequest = {
  /** Whose it is (the machine's own person). */
  ownerId?: string;
  /** What was named, for people. */
  title: string;
  inputs: readonly RunInput[];
  settings: RunSettings;
  /** Inputs of a shard. */
  shardSize?: number;
  /** Absolute path of the file that it is written to. */
  output?: string;
  /** Begun afresh: photos that failed in a finished run of the same are tried again. */
  anew?: boolean;
  /** Without it nobody but who has the inputs can go on with it. */
  origin?: RunOrigin;
  /** Lets go of what the inputs hold, once this process works on it no more. */
  release?: () => Promise<void>;
};

/** A photo that failed (`lane` empty), or one lane of it. */
export type PhotoFault = { key: string; lane: string; code: string; message: string };

/** How far a run is, by all who work on it. `done` counts failed photos too; of those `unread` could not be read. */
export type RunCounts = { status: RunStatus; total: number; done: number; failed: number; unread: number };
/** The same with its pace since this process works on it. */
export type RunProgress = RunCounts & { id: string; imagesPerSecond: number; secondsLeft?: number };
export type RunView = RunCounts & {
  id: string;
  title: string;
  createdAt: Date;
  endedAt: Date | null;
  settings: RunSettings;
  error: ErrorData | null;
  origin: RunOrigin | null;
  /** A process holds a part of it now: one that is `running` without was cut off. */
  working: boolean;
};

/** How a run stands, for people: one that should be at work and is not was cut off. */
export const standing = ({ status, working }: Pick<RunView, 'status' | 'working'>): RunStatus | 'interrupted' =>
  status === 'running' && !working ? 'interrupted' : status;

/** What a run asks of the engine. */
export type BatchEngine = {
  /** Batches that are worth asking for at once (1). */
  readonly width?: number;
  /** @throws as models/collections; `device-failed` where the engine died, and a new one starts with the next call */
  captionBatch(request: BatchRequest, how: { signal?: AbortSignal }): Promise<BatchAnswer>;
};
/** Makes of the bytes of an input what the engine takes. May be asked of many at once. */
export type Prepare = (bytes: Uint8Array, signal?: AbortSignal) => Promise<BatchGiven>;
