/** What the page asks the server for. */
import * as z from 'zod';
import type { OptionValue } from '../models/decoders/types';
import type { Device, Precision } from '../models/runtime/types';
import type { ComparisonStatus, StreamItem } from './comparison';
import { id, laneId, maxLanes, title } from './fields';
import type { Rating, Ratings } from './ratings';

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

/** Input of `studio.embedTexts`; its output are the raw embeddings, in order. */
export type EmbedTexts = { family: string; texts: string[] };

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

/** Input of `history.rate`; null takes the rating away. */
export type RateLane = { id: string; lane: string; rating: Rating | null };

const lane = z.strictObject({
  id: laneId.optional(),
  decoder: z.string().min(1).max(64),
  options: z
    .record(
      z.string().max(64),
      z.union([z.string().max(2_000), z.number(), z.boolean(), z.array(z.number().int().min(0)).max(256)]),
    )
    .optional(),
});
export const createInput: z.ZodType<CreateComparison> = z.strictObject({
  input: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('image'), imageId: id }),
    z.strictObject({ kind: z.literal('sample') }),
    z.strictObject({
      kind: z.literal('embedding'),
      values: z.array(z.number()).min(1).max(8_192),
      modality: z.enum(['image', 'text']).optional(),
    }),
  ]),
  lanes: z.array(lane).min(1).max(maxLanes).optional(),
  family: z.string().min(1).max(64).optional(),
  precision: z.enum(['fp32', 'fp16', 'q8']).optional(),
  title: title.optional(),
});
export const extendInput: z.ZodType<ExtendComparison> = z.strictObject({
  id,
  lanes: z.array(lane).min(1).max(maxLanes),
});
