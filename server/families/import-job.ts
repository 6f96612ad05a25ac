import type { Said } from '../../models/said';
import type { PublishedModel } from './types';

export type ImportJob = {
  kind: string;
  /** Paths on this machine. */
  files: readonly string[];
  name: string;
  /** Installed family whose space a decoder reads. */
  base?: string;
  options?: Record<string, string | number | boolean>;
  /** The folder to write the family into; it does not exist yet. */
  out: string;
};
/**
 * Turns files of a checkpoint into a family's folder (import-host.ts). @throws as importCheckpoint
 * (models/weights/import)
 */
export type Importer = (job: ImportJob, events: WorkEvents) => Promise<void>;
/**
 * Stores what a family's graphs answer to their golden inputs (server/weights/write-answers.ts). @throws as
 * writeAnswers
 */
export type Answerer = (job: { folder: string; base?: string }, events: WorkEvents) => Promise<void>;
export type WorkEvents = { onProgress: (what: Said, done: number, total: number) => void; signal?: AbortSignal };
/** A published model, with what its import needs besides its files, and what is told where the hub lacks them. */
export type Source = PublishedModel & { options?: Record<string, string | number | boolean>; elsewhere?: string };
