/**
 * Every shape that crosses between page and server, apart from the events themselves (models/events.ts).
 * The page imports types from here and from router.ts, never code.
 */
import type { Effects } from '../../models/weights/effects';
import type { OptionSpec, OptionValue } from '../../models/decoders/types';
import type { ComparisonStatus, ComparisonView, LaneStatus, StreamItem } from '../../kept/comparison';
import type { RatedComparison, Rating, Ratings } from '../../kept/ratings';
import type { ErrorData } from '../../models/errors';
import type { Device, DeviceName, Precision } from '../../models/runtime/types';

export type {
  ComparisonStatus,
  ComparisonView,
  LaneStatus,
  LaneView,
  ReplayDifference,
  ReplayLane,
  ReplayReport,
  StreamItem,
} from '../../kept/comparison';

/** Answer of POST /api/images. `url` and `thumbnailUrl` are paths on this server. */
export type UploadedImage = {
  id: string;
  url: string;
  thumbnailUrl: string;
  width: number;
  height: number;
  format: string;
};
/** Body of every failed answer of /api/images. */
export type ErrorBody = { error: ErrorData };

export type LaneRequest = {
  /** Names the lane in events; without it the decoder's name, made unique (`clipcap`, `clipcap-2`). */
  id?: string;
  decoder: string;
  /** Checked against the decoder's own option list; what is left out takes its default. */
  options?: Record<string, OptionValue>;
};

/** Input of `comparison.create`. */
export type CreateComparison = {
  input:
    | { kind: 'image'; imageId: string }
    | { kind: 'sample' }
    | { kind: 'embedding'; /** Raw or unit, of the family's space. */ values: number[]; modality?: 'image' | 'text' };
  /** 1 to 16; without it one lane for every decoder at its defaults. */
  lanes?: LaneRequest[];
  /** Default: the first family of `studio.info`. */
  family?: string;
  /** Default: what the server was started with. */
  precision?: Precision;
  /** What the person calls it; the name of the file, say. */
  title?: string;
};
/**
 * Input of `comparison.extend`: more lanes of the same input, after those that run. A lane of a known id is run once
 * more in its place.
 */
export type ExtendComparison = { id: string; lanes: LaneRequest[] };

/**
 * Output of `studio.frequencies`: how many sentences of the family's text memory hold each n-gram (CIDEr-D needs such
 * counts).
 */
export type { Frequencies } from '../../kept/frequencies';

/** Input of `studio.embedTexts`; its output are the raw embeddings, in order. */
export type EmbedTexts = { family: string; texts: string[] };

/**
 * Output of `comparison.create`: subscribe to `comparison.events` next; nobody listening for a while cancels the work.
 */
export type CreatedComparison = { id: string; lanes: { id: string; decoder: string }[] };

/**
 * Input of `comparison.save`: what a browser computed. Picture and embedding only where the person chose to send them.
 */
export type SaveComparison = {
  family: string;
  familyHash?: string;
  precision: Precision;
  /** Of the first run; the items name each lane's own. */
  device: Device;
  imageId?: string;
  title?: string;
  /** What it is of; without it an image. */
  input?: 'image' | 'embedding';
  embedding?: number[];
  /** Of an embedding that was given. */
  modality?: 'image' | 'text';
  /** Captions that people wrote for the input, to score the lanes by. */
  references?: string[];
  /** Of lanes that have a caption. */
  ratings?: Ratings;
  lanes: { id: string; decoder: string; options: Record<string, unknown> }[];
  /** All runs' items, one run after the other, without `queued` and `ended`. */
  items: Extract<StreamItem, { kind: 'event' }>[];
  status: Exclude<ComparisonStatus, 'queued' | 'running'>;
};

export type DecoderCard = {
  name: string;
  title: string;
  /** One sentence: how it works. */
  idea: string;
  trainedOn: string;
  /** In words. */
  accepts: string;
  /** It needs the picture itself, an embedding is not enough. */
  needsGrid: boolean;
  options: readonly OptionSpec[];
};

export type FamilyCard = {
  name: string;
  version: string;
  /** Its embedding space and how many values an embedding there has. */
  space: string;
  dim: number;
  /** Bytes of all files. */
  bytes: number;
  licence: string;
  /** Decoders of the family, in the order to show them. */
  decoders: string[];
  /** What the family sets instead of a decoder's own defaults: `{ clipcap: { beams: 5 } }`. */
  defaults: Record<string, Record<string, string | number | boolean>>;
  trainedOn: string;
  /** Measured quality by decoder: `{ clipcap: { ciderD: 0.45 } }`; empty where nothing was measured. */
  metrics: Record<string, Record<string, number>>;
  /** What single parts of its decoders were measured to do, where somebody did. */
  effects?: Effects;
  /** Why it cannot be used now, in words (missing or damaged files). */
  problem?: string;
};

export type DeviceCard = {
  name: DeviceName;
  available: boolean;
  adapter?: string;
  /** Why it is, or is not, available. */
  reason?: string;
};

/** Output of `studio.info`. */
export type StudioInfo = {
  families: FamilyCard[];
  decoders: DecoderCard[];
  devices: DeviceCard[];
  /** The sample picture, as it is kept here: paths to show it by. */
  sample: { id: string; url: string; thumbnailUrl: string };
  limits: { uploadBytes: number; pixels: number; lanes: number; running: number; waiting: number };
  /**
   * Which addresses the studio fetches pictures from: none, those of the public internet, or also its own network's.
   */
  addresses: 'off' | 'public' | 'any';
};

/** One line of the history. */
export type HistoryEntry = {
  id: string;
  createdAt: Date;
  endedAt: Date | null;
  deletedAt: Date | null;
  status: ComparisonStatus;
  title: string;
  note: string;
  family: string;
  precision: Precision | null;
  device: Device | null;
  input: ComparisonView['input'];
  computedBy: 'server' | 'client';
  replayOf: string | null;
  /** On the disk, with its picture. */
  bytes: number;
  image: { width: number; height: number; thumbnailUrl: string } | null;
  lanes: {
    id: string;
    decoder: string;
    status: LaneStatus;
    caption: string | null;
    similarity: number | null;
    rating?: Rating;
  }[];
  /** How many links show it. */
  shares: number;
};
export type HistoryPage = {
  entries: HistoryEntry[];
  /** Of the next page; null at the end. */ nextCursor: string | null;
};

/** Input of `history.rate`; null takes the rating away. */
export type RateLane = { id: string; lane: string; rating: Rating | null };
/** Output of `history.ratings`: every comparison that has a rated lane, for kept/ratings.ts to sum up. */
export type RatedComparisons = RatedComparison[];

/** A link that shows one comparison; its address is told once, when it is made. */
export type ShareLink = { id: string; createdAt: Date };

/** Bytes on the server's disk. */
export type DiskUse = { owner: number; all: number; ownerLimit: number; allLimit: number };

/** A key that makes another browser the same owner; the key itself is told once, when it is made. */
export type OwnershipKey = {
  id: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  /** The asking browser became this owner by it. */ current: boolean;
};

/** Who the page's browser is to the studio. */
export type OwnerInfo = {
  /** `local`: one owner for this machine; `browser`: this browser's own, by a signed cookie. */
  kind: 'local' | 'browser';
  disk: DiskUse;
};
