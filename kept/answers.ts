/** What the server answers the page with, apart from comparisons (comparison.ts) and events (models/events.ts). */
import type { Effects } from '../models/weights/effects';
import type { OptionSpec, OptionValue, Preset } from '../models/decoders/option-spec';
import type { ComparisonStatus, ComparisonView, LaneStatus } from './comparison';
import type { RatedComparison, Rating, Ratings } from './ratings';
import type { SampleName } from './samples';
import type { ErrorData } from '../models/errors';
import type { Device, DeviceName, Precision } from '../models/runtime/types';

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

/**
 * Output of `comparison.create`: subscribe to `comparison.events` next; nobody listening for a while cancels the work.
 */
export type CreatedComparison = { id: string; lanes: { id: string; decoder: string }[] };

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
  presets: readonly Preset[];
  /** Options that the page sets where the person does not. */
  pageDefaults?: Readonly<Record<string, OptionValue>>;
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
  /** What the family sets instead of a decoder's own defaults: `{ NAME: { beam: 5 } }`. */
  defaults: Record<string, Record<string, string | number | boolean>>;
  /** By decoder and option, in a sentence: why its weights cannot serve it. */
  refused?: Record<string, Record<string, string>>;
  trainedOn: string;
  /** Measured quality by decoder: `{ NAME: { ciderD: 0.45 } }`; empty where nothing was measured. */
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
  /** The sample pictures, as they are kept here: paths to show them by. */
  samples: { name: SampleName; id: string; url: string; thumbnailUrl: string }[];
  limits: { uploadBytes: number; pixels: number; lanes: number; running: number; waiting: number };
  /**
   * Which addresses the studio fetches pictures from: none, those of the public internet, or also its own network's.
   */
  addresses: 'off' | 'public' | 'any';
  /** Whether whoever asks may name folders of the studio's machine. */
  folders: boolean;
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
    /** It goes on from words that a person chose. */
    branch?: boolean;
    /** It cannot read this kind of input. */
    unfit?: boolean;
  }[];
  /** What its owner says of the photo. */
  said: string[];
  /** How many links show it. */
  shares: number;
};
export type HistoryPage = {
  entries: HistoryEntry[];
  /** Of the next page; null at the end. */ nextCursor: string | null;
};

/** Output of `history.notes`: what people may have changed of a comparison, and how many items it has by now. */
export type ComparisonNotes = Pick<ComparisonView, 'status' | 'title' | 'references' | 'said'> & {
  ratings: Ratings;
  items: number;
};

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

/** A run of a collection: how far it is, and what its rows say. `interrupted`: whoever worked on it went away. */
export type CollectionCard = {
  id: string;
  /** What was named when it was begun. */
  title: string;
  createdAt: Date;
  endedAt: Date | null;
  status: 'running' | 'paused' | 'interrupted' | 'cancelled' | 'failed' | 'finished';
  total: number;
  /** Photos that are done, failed ones too; those of them that failed; those of these that could not be read. */
  done: number;
  failed: number;
  unread: number;
  /** Where the studio itself works on it. */
  imagesPerSecond?: number;
  secondsLeft?: number;
  /** It is known where its photos come from, so that the page can go on with it. */
  goesOn: boolean;
  /** Its photos were sent by a page. */
  sent: boolean;
  /** What a person should know of how its photos were found, a sentence each. */
  notes: readonly string[];
  error: ErrorData | null;
  family: string;
  precision: Precision;
  device: DeviceName;
  /** In the order of a row's cells; none where only embeddings were asked for. */
  lanes: { id: string; decoder: string; options: Record<string, unknown> }[];
};
