import type { ErrorData } from '../../models/errors';
import type { Said } from '../../models/said';
import type { PublishedFile } from '../../models/weights/import/types';

/** Shapes of the catalog that cross to the page and to `--json` of the command line. */

/** A checkpoint that can be pulled from the hub, or of which is known where it lies. */
export type PublishedModel = {
  /** Name to pull by, and of the family that comes of it. */
  name: string;
  title: string;
  /** How its files are read: an id of `importKinds`. */
  kind: string;
  /** `space`: brings an embedding space. `decoder`: joins a family of the space that it reads. */
  adds: 'space' | 'decoder';
  /** One sentence: what it is good for. */
  goodAt: string;
  /** Files on the hub; empty where it can only be fetched by hand. `bytes` where that is known beforehand. */
  files: PublishedFile[];
  /** Pages for people. */
  page?: string;
  licence: string;
  /** The repository of its authors whose word the licence is, where the hub's page states none. */
  licenceAt?: string;
  /**
   * Name of the published model whose space it reads, which is also that of the space; pulled first where it is not
   * installed.
   */
  needs?: string;
  note?: string;
};

/** A file as it was pulled: kept in the manifest of the family that came of it. */
export type Origin = { repository: string; path: string; commit: string; bytes: number; sha256: string };

export type PlannedFile = {
  repository: string;
  path: string;
  commit: string;
  bytes: number;
  /** Bytes that are here already. */ received: number;
  sha256?: string;
};
/** One family that a pull makes; the last is the one that was asked for. */
export type PlanStep = {
  name: string;
  published: string;
  kind: string;
  options?: Record<string, string | number | boolean>;
  title: string;
  licence: string;
  licenceAt?: string;
  /** What the hub's own page states: a tag, `null` where there is none; absent where it could not be asked. */
  licenceOnHub?: string | null;
  note?: string;
  page?: string;
  base?: string;
  files: PlannedFile[];
  bytes: number;
  received: number;
};
export type PullPlan = {
  name: string;
  steps: PlanStep[];
  /** Of all files, and of what is here already. */
  bytes: number;
  received: number;
  /** Disk that is needed while it works, and what is free. */
  diskBytes: number;
  freeBytes: number;
};

/** How far a pull or an import is. `family` and `step` tell which of the families that it makes. */
export type InstallProgress =
  | { phase: 'asking'; family: string }
  | {
      phase: 'downloading';
      family: string;
      file: string;
      received: number;
      bytes: number;
      /** Bytes a second. */ speed?: number;
      secondsLeft?: number;
    }
  | { phase: 'waiting'; family: string; reason: Said; ms: number }
  | { phase: 'checking'; family: string; file: string; done?: number; total?: number }
  | { phase: 'importing'; family: string; what: Said; done: number; total: number }
  | { phase: 'settling'; family: string };

export type ImportKindCard = {
  id: string;
  title: string;
  goodAt: string;
  adds: 'space' | 'decoder';
  /** What files it takes, in words. */
  files: { title: string; required: boolean }[];
  /** Main tensors, for people. */
  shapes: string[];
  options: { name: string; help: string; default: string | number | boolean; choices?: string[] }[];
  licence: string;
  source: string;
  /** Name of the published model whose space it reads. */
  needs?: string;
};

export type FileCheck = { path: string; bytes: number; /** What is wrong with it, in words. */ problem?: string };
export type Verification = { name: string; ok: boolean; files: FileCheck[] };

/** Work on a family by this server. */
export type ModelJob = {
  id: string;
  kind: 'pull' | 'import' | 'verify';
  family: string;
  title: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  startedAt: number;
  endedAt?: number;
  progress?: InstallProgress;
  error?: ErrorData;
  /** Of a finished check. */
  verification?: Verification;
};

/** A pull that was begun and not finished. */
export type Unfinished = {
  name: string;
  published: string;
  /** Family that it joins. */ base?: string;
  /** Bytes that are here, of so many. */ received: number;
  bytes: number;
  begun: number;
};

export type InstalledCard = {
  name: string;
  embedded: boolean;
  /** On the disk. */
  bytes: number;
  space?: { name: string; dim: number };
  decoders: string[];
  licence: string;
  trainedOn: string;
  source?: string;
  origins: Origin[];
  problem?: string;
};

/** Output of `models.list`. */
export type ModelsView = {
  families: InstalledCard[];
  published: PublishedModel[];
  kinds: ImportKindCard[];
  unfinished: Unfinished[];
  jobs: ModelJob[];
  hub: { endpoint: string; hasToken: boolean };
  disk: { folder: string; usedBytes: number; freeBytes: number };
  /** Why models cannot be changed here, in words. */
  locked?: string;
};
