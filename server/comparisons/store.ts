import type { Comparison, Image, Lane } from '../../prisma/generated/client';
import { Prisma } from '../../prisma/generated/client';
import { StudioError, type ErrorData } from '../../models/errors';
import type { LaneResult } from '../../models/events';
import type { Device, Precision } from '../../models/runtime/types';
import type { Database } from '../db/open';
import { appVersion } from '../env/version';
import { purgeExpired } from './purge';
import { ratingColumns, ratingOf } from './rating-columns';
import type { ComparisonStatus, ComparisonView, LaneStatus, LaneView, StreamItem } from '../../kept/comparison';
import { endedAs } from '../../kept/lane-end';
import type { PersonCaption } from '../../kept/person-captions';
import { maxLanes } from '../../models/events';
import type { SampleName } from '../../kept/samples';
import type { SaveComparison } from '../../kept/requests';
import { imageUrls, type RoomCheck } from './images';
import { itemCount, json, openLanes, unended } from './rows';
import { type LaneEnd, RunRows } from './run-rows';

export type NewComparison = {
  id: string;
  family: string;
  precision?: Precision;
  input: 'image' | 'sample' | 'embedding';
  sample?: SampleName;
  imageId?: string;
  embedding?: number[];
  modality?: 'image' | 'text';
  instanceId: string;
  ownerId: string;
  title?: string;
  /** SHA-256 of the family's manifest and of each of its files. */
  familyHash?: string;
  weightHashes?: Record<string, string>;
  /** The comparison that this one repeats. */
  replayOf?: string;
  lanes: { id: string; decoder: string; options: Record<string, unknown> }[];
};
const interrupted: ErrorData = {
  code: 'interrupted',
  message: 'The server that worked on this went away before it was done. Run it again for the missing captions.',
};

/**
 * Reads and writes comparisons. Each method is one statement or one transaction, so a killed server leaves no half of
 * one.
 */
export class ComparisonStore {
  constructor(
    private readonly db: Database,
    private readonly demandRoom: RoomCheck = async () => {},
  ) {}

  /** A new row, where its owner has room for it. @throws storage-full, not-found (its picture) */
  async insert(data: Prisma.ComparisonUncheckedCreateInput & { ownerId: string }): Promise<void> {
    await this.db.$transaction(async (tx) => {
      await this.demandRoom(tx, data.ownerId);
      // It may have gone with the last comparison of it, deleted for good a moment ago.
      if (data.imageId != null && (await tx.image.count({ where: { id: data.imageId } })) === 0)
        throw new StudioError('not-found', 'The picture of this comparison is not here any more. Upload it again.');
      await tx.comparison.create({ data, select: { id: true } });
    });
  }

  async create(comparison: NewComparison): Promise<void> {
    const {
      id,
      family,
      precision,
      input,
      sample,
      imageId,
      embedding,
      modality,
      instanceId,
      ownerId,
      title,
      familyHash,
      weightHashes,
      replayOf,
      lanes,
    } = comparison;
    await this.insert({
      id,
      family,
      precision,
      inputKind: input,
      sample,
      imageId,
      ...(embedding ? { embedding: json(embedding) } : {}),
      embeddingModality: modality,
      instanceId,
      ownerId,
      title,
      familyHash,
      ...(weightHashes ? { weightHashes } : {}),
      appVersion,
      replayOf,
      status: 'queued',
      heartbeatAt: new Date(),
      lanes: {
        create: lanes.map((lane, position) => ({
          key: lane.id,
          position,
          decoder: lane.decoder,
          options: json(lane.options),
          status: 'waiting',
        })),
      },
    });
  }

  /** A comparison that a browser computed, whole and ended. */
  async save(id: string, saved: SaveComparison, instanceId: string, ownerId: string): Promise<void> {
    const now = new Date();
    const ends = new Map(
      saved.items.flatMap(({ event }): [string, LaneEnd][] =>
        event.type === 'lane-finished'
          ? [[event.lane, { id: event.lane, status: 'finished', result: event.result }]]
          : event.type === 'lane-failed'
            ? [[event.lane, { id: event.lane, status: endedAs(event.error), error: event.error }]]
            : [],
      ),
    );
    const items: StreamItem[] = [...saved.items, { kind: 'ended', status: saved.status }];
    await this.insert({
      id,
      ownerId,
      title: saved.title,
      appVersion,
      family: saved.family,
      familyHash: saved.familyHash,
      precision: saved.precision,
      device: json(saved.device),
      computedBy: 'client',
      inputKind: saved.input ?? 'image',
      imageId: saved.imageId,
      ...(saved.embedding ? { embedding: json(saved.embedding) } : {}),
      embeddingModality: saved.modality,
      ...(saved.references?.length ? { referenceCaptions: json(saved.references) } : {}),
      ...(saved.said?.length ? { personCaptions: json(saved.said) } : {}),
      instanceId,
      status: saved.status,
      heartbeatAt: now,
      endedAt: now,
      lanes: {
        create: saved.lanes.map((lane, position) => {
          const { status = 'interrupted', result, error } = ends.get(lane.id) ?? {};
          return {
            key: lane.id,
            position,
            decoder: lane.decoder,
            options: json(lane.options),
            status,
            ...(result ? { result: json(result), ...ratingColumns(saved.ratings?.[lane.id]) } : {}),
            ...(error ? { error: json(error) } : {}),
          };
        }),
      },
      events: { create: [{ first: 0, items: json(items) }] },
    });
  }

  /** The rows of a run that this server takes on (after `create` or `extend`). */
  run(id: string, instanceId: string): RunRows {
    return new RunRows(this.db, id, instanceId);
  }

  /**
   * More lanes for a comparison that has ended and has `known` items; one of a known name begins anew.
   * @throws busy where another server was faster, not-found
   */
  async extend(id: string, lanes: NewComparison['lanes'], instanceId: string, known: number): Promise<void> {
    await this.db.$transaction(async (tx) => {
      const row = await tx.comparison.findUnique({ where: { id }, select: { status: true, deletedAt: true } });
      if (!row || row.deletedAt) throw notFound(id);
      if (unended.includes(row.status) || (await itemCount(tx, id)) !== known) throw beingWorkedOn();
      await tx.comparison.update({
        where: { id },
        data: { status: 'queued', endedAt: null, error: Prisma.DbNull, instanceId, heartbeatAt: new Date() },
      });
      const last = await tx.lane.aggregate({ where: { comparisonId: id }, _max: { position: true } });
      const first = (last._max.position ?? -1) + 1;
      for (const [i, { id: key, decoder, options }] of lanes.entries()) {
        const fresh = { decoder, options: json(options), status: 'waiting' };
        await tx.lane.upsert({
          where: { comparisonId_key: { comparisonId: id, key } },
          create: { comparisonId: id, key, position: first + i, ...fresh },
          // What was rated is the caption that it had.
          update: { ...fresh, result: Prisma.DbNull, error: Prisma.DbNull, ...ratingColumns(null) },
        });
      }
      if ((await tx.lane.count({ where: { comparisonId: id } })) > maxLanes) throw tooManyLanes();
    });
  }

  /** Says that the server lives and still works on these. */
  async beat(ids: string[], instanceId: string, now = new Date()): Promise<void> {
    await this.db.comparison.updateMany({
      where: { id: { in: ids }, instanceId, status: { in: unended } },
      data: { heartbeatAt: now },
    });
  }

  /**
   * Marks what dead servers left behind: comparisons without a sign of life since `before`. Finished lanes stay as they
   * are.
   * @returns ids of the comparisons marked
   */
  async interruptStale(before: Date): Promise<string[]> {
    const stale = { status: { in: unended }, heartbeatAt: { lt: before } };
    const found = await this.db.comparison.findMany({ where: stale, select: { id: true } });
    const marked: string[] = [];
    for (const { id } of found) {
      const ended: StreamItem = { kind: 'ended', status: 'interrupted', error: interrupted };
      // The condition again, inside the transaction: its server may have woken up, or another one marked it first.
      const done = await this.db.$transaction(async (tx) => {
        const { count } = await tx.comparison.updateMany({
          where: { ...stale, id },
          data: { status: 'interrupted', endedAt: new Date(), error: json(interrupted) },
        });
        if (count === 0) return false;
        await tx.lane.updateMany({
          where: { comparisonId: id, status: { in: openLanes } },
          data: { status: 'interrupted', error: json(interrupted) },
        });
        await tx.eventBatch.create({
          data: { comparisonId: id, first: await itemCount(tx, id), items: json([ended]) },
        });
        return true;
      });
      if (done) marked.push(id);
    }
    return marked;
  }

  /** Items number `first` and later. */
  async items(id: string, first = 0): Promise<StreamItem[]> {
    const batches = await this.db.eventBatch.findMany({ where: { comparisonId: id }, orderBy: { first: 'asc' } });
    const all = batches.flatMap((batch) => batch.items as unknown as StreamItem[]);
    return first > 0 ? all.slice(first) : all;
  }

  /** Deletes for good what was deleted and not brought back in time. */
  removeExpired(now: number): Promise<number> {
    return purgeExpired(this.db, now);
  }

  /** Whose it is, and whether that owner has deleted it; undefined where it is not (any more). */
  async owner(id: string): Promise<{ id: string; deleted: boolean } | undefined> {
    const row = await this.db.comparison.findUnique({ where: { id }, select: { ownerId: true, deletedAt: true } });
    return row ? { id: row.ownerId, deleted: row.deletedAt !== null } : undefined;
  }

  /** @throws not-found */
  async status(id: string): Promise<ComparisonStatus> {
    const row = await this.db.comparison.findUnique({ where: { id }, select: { status: true } });
    if (!row) throw notFound(id);
    return row.status as ComparisonStatus;
  }

  /** @throws not-found */
  async view(id: string, items?: readonly StreamItem[]): Promise<ComparisonView> {
    const row = await this.db.comparison.findUnique({
      where: { id },
      include: { lanes: { orderBy: { position: 'asc' } }, image: { select: { id: true, width: true, height: true } } },
    });
    if (!row) throw notFound(id);
    return toView(row, items ? [...items] : await this.items(id));
  }
}

export const notFound = (id: string) =>
  new StudioError(
    'not-found',
    `There is no comparison ${id.slice(0, 40)} here. Check the address; it may belong to another database.`,
  );

export const beingWorkedOn = () =>
  new StudioError('busy', 'This comparison is being worked on. Wait until it is done, or stop it.');
export const tooManyLanes = () =>
  new StudioError('option-invalid', `A comparison has at most ${maxLanes} lanes. Begin another one.`);

type Row = Comparison & { lanes: Lane[]; image: Pick<Image, 'id' | 'width' | 'height'> | null };

function toView(row: Row, items: StreamItem[]): ComparisonView {
  return {
    id: row.id,
    createdAt: row.createdAt,
    title: row.title,
    note: row.note,
    appVersion: row.appVersion,
    weightHashes: row.weightHashes as Record<string, string> | null,
    replayOf: row.replayOf,
    endedAt: row.endedAt,
    status: row.status as ComparisonStatus,
    family: row.family,
    precision: row.precision as Precision | null,
    device: row.device as Device | null,
    input: row.inputKind as ComparisonView['input'],
    sample: row.sample as SampleName | null,
    image: row.image && { ...row.image, ...imageUrls(row.image.id) },
    computedBy: row.computedBy as 'server' | 'client',
    familyHash: row.familyHash,
    embedding: row.embedding as number[] | null,
    modality: row.embeddingModality as 'image' | 'text' | null,
    references: (row.referenceCaptions ?? []) as string[],
    said: (row.personCaptions ?? []) as PersonCaption[],
    lanes: row.lanes.map((lane) => ({
      id: lane.key,
      decoder: lane.decoder,
      options: lane.options as LaneView['options'],
      status: lane.status as LaneStatus,
      result: lane.result as LaneResult | null,
      error: lane.error as ErrorData | null,
      ...ratingOf(lane),
    })),
    error: row.error as ErrorData | null,
    items,
    lastEventId: items.length > 0 ? String(items.length - 1) : null,
  };
}
