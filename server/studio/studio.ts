import { Readable } from 'node:stream';
import { StudioError } from '../../models/errors';
import { forVisitors, sentenceForVisitors } from '../errors/for-visitors';
import { told } from '../errors/told';
import { openDatabase, type Database } from '../db/open';
import { addressRule, type Env } from '../env/env';
import { isOpenToOthers } from '../env/listen';
import type { DeviceCard, StudioInfo } from '../../kept/answers';
import type { Frequencies } from '../../kept/frequencies';
import type { CreateComparison } from '../../kept/requests';
import type { BatchAnswer } from '../../models/collections/types';
import { inputEmbedding } from '../../kept/input-embedding';
import { type SampleName, sampleNames } from '../../kept/samples';
import type { TextScore } from '../../models/spaces/score-text';
import type { Catalogue } from '../comparisons/catalogue';
import { EngineSource, type Engine } from '../comparisons/engine';
import { ImageStore, imageUrls, type RoomCheck } from '../comparisons/images';
import { type ModelParts, ModelService } from '../families/service';
import { forgetComparison, purgeComparisons } from '../comparisons/purge';
import { demandRoom, demandRoomWithin, type DiskLimits } from '../history/disk';
import { ClientLimits } from '../owners/client-limits';
import { LastSearched } from '../vectors/last-searched';
import { OwnedComparisons } from '../comparisons/owned';
import { CollectionDesk } from '../collections/desk';
import { ComparisonService } from '../comparisons/service';
import { ComparisonStore } from '../comparisons/store';

export type StudioParts = {
  openEngine: () => Promise<Engine>;
  catalogue: Catalogue;
  /** Keeps a sample picture (the first), where it is not kept yet, and answers with its id. */
  sampleImage: (images: ImageStore, name?: SampleName) => Promise<string>;
  limits: Pick<StudioInfo['limits'], 'uploadBytes' | 'pixels' | 'lanes'>;
  models: ModelParts;
};
export type StudioSettings = Pick<
  Env,
  | 'DATABASE_URL'
  | 'STUDIO_DATABASE_WAIT_MS'
  | 'HOST'
  | 'STUDIO_ORIGIN'
  | 'STUDIO_OWNERS'
  | 'STUDIO_TRUST_PROXY'
  | 'STUDIO_FAMILIES_DIR'
  | 'STUDIO_INSTALLED_DIR'
  | 'STUDIO_ADDRESSES'
  | 'STUDIO_DISK_MB'
  | 'STUDIO_OWNER_DISK_MB'
  | 'STUDIO_CLIENT_RUNS_PER_MINUTE'
  | 'STUDIO_CLIENT_UPLOADS_PER_MINUTE'
  | 'STUDIO_CLIENT_RUNNING'
  | 'STUDIO_RUNNING'
  | 'STUDIO_WAITING'
  | 'STUDIO_GRACE_MS'
  | 'STUDIO_FIRST_LISTENER_MS'
  | 'STUDIO_HEARTBEAT_MS'
  | 'STUDIO_STALE_MS'
  | 'STUDIO_DEVICE'
  | 'STUDIO_PRECISION'
>;

/** The server's parts, opened together and closed together. */
export class Studio {
  /** Files of vectors that programs search, by whole paths. */
  readonly vectors = new LastSearched({ cwd: '/', stdin: Readable.from([]) });

  private constructor(
    readonly database: Database,
    readonly images: ImageStore,
    readonly store: ComparisonStore,
    readonly comparisons: ComparisonService,
    readonly clients: ClientLimits,
    readonly models: ModelService,
    readonly collections: CollectionDesk,
    private readonly engine: EngineSource,
    private readonly parts: StudioParts,
    private readonly settings: StudioSettings,
  ) {}

  static async open(settings: StudioSettings, parts: StudioParts): Promise<Studio> {
    const database = await openDatabase(settings.DATABASE_URL, { patienceMs: settings.STUDIO_DATABASE_WAIT_MS });
    const room: RoomCheck = (tx, owner) => demandRoomWithin(tx, owner, diskLimits(settings));
    const images = new ImageStore(database, room);
    const engine = new EngineSource(parts.openEngine);
    const store = new ComparisonStore(database, room);
    const comparisons = new ComparisonService(
      {
        store,
        images,
        engine,
        plan: (request, beside) => parts.catalogue.plan(request, beside),
        sampleImage: (name) => parts.sampleImage(images, name),
        readable: (error) => forVisitors(error, settings),
      },
      {
        running: settings.STUDIO_RUNNING,
        waiting: settings.STUDIO_WAITING,
        graceMs: settings.STUDIO_GRACE_MS,
        firstListenerMs: settings.STUDIO_FIRST_LISTENER_MS,
        heartbeatMs: settings.STUDIO_HEARTBEAT_MS,
        staleMs: settings.STUDIO_STALE_MS,
      },
    );
    await comparisons.start();
    const clients = new ClientLimits({
      runsPerMinute: settings.STUDIO_CLIENT_RUNS_PER_MINUTE,
      uploadsPerMinute: settings.STUDIO_CLIENT_UPLOADS_PER_MINUTE,
      running: settings.STUDIO_CLIENT_RUNNING,
    });
    const models = new ModelService(parts.models, settings, (family) => comparisons.uses(family));
    const collections = new CollectionDesk(database, {
      engine: () => batchEngine(engine, settings.STUDIO_DEVICE),
      precision: settings.STUDIO_PRECISION ?? 'fp32',
      families: { familiesDir: settings.STUDIO_FAMILIES_DIR, installedDir: settings.STUDIO_INSTALLED_DIR },
      addresses: addressRule(settings),
      demandRoom: room,
      busy: () => comparisons.waited,
      heartbeatMs: settings.STUDIO_HEARTBEAT_MS,
      staleMs: settings.STUDIO_STALE_MS,
    });
    return new Studio(database, images, store, comparisons, clients, models, collections, engine, parts, settings);
  }

  /**
   * The comparisons as this owner may use them. `client`: whom limits are counted for; undefined where there are none.
   */
  of(owner: string, client?: string): OwnedComparisons {
    return new OwnedComparisons(
      {
        service: this.comparisons,
        store: this.store,
        demandRoom: (id) => this.demandRoom(id),
        purge: (id, ids) => purgeComparisons(this.database, id, ids, (runs) => this.comparisons.end(runs)),
        forget: (one) => forgetComparison(this.database, one, (runs) => this.comparisons.end(runs)),
        limits: this.clients,
      },
      owner,
      client,
    );
  }

  /** What the owner has deleted already goes first. @throws storage-full */
  demandRoom(owner: string): Promise<void> {
    return demandRoom(this.database, owner, this.diskLimits, (runs) => this.comparisons.end(runs));
  }

  get diskLimits(): DiskLimits {
    return diskLimits(this.settings);
  }

  /** @param administers whether whoever asks may learn where the server's folders lie, also where others may ask */
  async info(administers = false): Promise<StudioInfo> {
    const readable = (sentence: string) => (administers ? sentence : sentenceForVisitors(sentence, this.settings));
    const { catalogue, limits, sampleImage } = this.parts;
    const [families, devices, samples] = await Promise.all([
      catalogue.families(),
      this.#devices(),
      Promise.all(
        sampleNames.map(async (name) => {
          const id = await sampleImage(this.images, name);
          return { name, id, ...imageUrls(id) };
        }),
      ),
    ]);
    return {
      families: families.map((card) => (card.problem ? { ...card, problem: readable(card.problem) } : card)),
      decoders: catalogue.decoders(),
      devices: devices.map((card) => (card.reason ? { ...card, reason: readable(card.reason) } : card)),
      samples,
      limits: { ...limits, running: this.settings.STUDIO_RUNNING, waiting: this.settings.STUDIO_WAITING },
      addresses: addressRule(this.settings),
      folders: this.mayNameFolders(administers),
    };
  }

  /** Whether whoever asks may name what lies on this machine (docs/safety.md). */
  mayNameFolders(administers: boolean): boolean {
    return administers || !isOpenToOthers(this.settings);
  }

  /** @throws family-unknown, weights-missing */
  async frequencies(family: string, grams: readonly string[]): Promise<Frequencies> {
    const { frequencies } = this.parts.catalogue;
    if (!frequencies) throw new StudioError('weights-missing', 'This server has no family to count words in.');
    return frequencies(family, grams);
  }

  /** Raw embeddings of texts in the family's joint space. @throws family-unknown, weights-missing */
  async embedTexts(family: string, texts: readonly string[]): Promise<number[][]> {
    const { embedTexts } = await this.#engineOf(family);
    if (!embedTexts) throw new StudioError('internal', 'This engine embeds no texts.');
    return (await embedTexts(family, texts)).map(({ values }) => Array.from(values));
  }

  /** Raw embedding of a kept picture in the family's joint space. @throws family-unknown, weights-missing, not-found */
  async embedImage(family: string, imageId: string): Promise<number[]> {
    const { embedImage } = await this.#engineOf(family);
    if (!embedImage) throw new StudioError('internal', 'This engine embeds no pictures.');
    return Array.from((await embedImage(family, await this.images.pixels(imageId))).values);
  }

  /**
   * Decodes many vectors side by side. @throws family-unknown, decoder-unknown, option-invalid, cancelled
   */
  async decode(
    {
      family,
      lanes,
      rows,
      modality,
    }: Pick<CreateComparison, 'family' | 'lanes'> & { rows: readonly number[][]; modality: 'image' | 'text' },
    signal: AbortSignal,
  ): Promise<BatchAnswer> {
    const engine = await this.engine.get();
    if (!engine.captionBatch) throw new StudioError('internal', 'This engine decodes no matrices.');
    const input = { kind: 'embedding' as const, values: rows[0]!, modality };
    const planned = await this.parts.catalogue.plan({ input, family, lanes });
    const space = planned.space ?? planned.family;
    const photos = rows.map((row, i) => ({
      key: String(i),
      embedding: { space, modality, state: 'raw' as const, values: Float32Array.from(row) },
    }));
    return engine.captionBatch({ family: planned.family, lanes: planned.lanes, photos }, { signal });
  }

  /** @throws family-unknown */
  async #engineOf(family: string): Promise<Pick<Engine, 'embedTexts' | 'embedImage'>> {
    const families = await this.parts.catalogue.families();
    if (!families.some(({ name }) => name === family))
      throw new StudioError(
        'family-unknown',
        `There is no family "${family}" here. Installed are: ${families.map(({ name }) => name).join(', ')}.`,
      );
    const engine = await this.engine.get();
    return { embedTexts: engine.embedTexts?.bind(engine), embedImage: engine.embedImage?.bind(engine) };
  }

  /**
   * How well a text fits the input of a comparison, by the space that scored its lanes; undefined where the input's
   * embedding is not kept, or is of other weights than those that are here. @throws family-unknown, weights-missing
   */
  async scoreText(comparison: string, text: string): Promise<TextScore | undefined> {
    const view = await this.store.view(comparison);
    const input = inputEmbedding(view);
    const { space, familyHash } = await this.parts.catalogue.plan({ input: { kind: 'sample' }, family: view.family });
    if (!input || (view.familyHash && view.familyHash !== familyHash)) return undefined;
    const engine = await this.engine.get();
    return engine.scoreText?.({
      family: view.family,
      text,
      input: { values: input.values, space: input.space ?? space ?? view.family },
    });
  }

  /**
   * Loads the first family before anybody asks for it: begins to caption the sample with every decoder and stops as
   * soon as all
   * lanes have their graphs. What goes wrong here goes wrong again, with words, in the first comparison.
   */
  async warmUp(): Promise<void> {
    const { catalogue, sampleImage } = this.parts;
    const enough = new AbortController();
    try {
      const { family, lanes } = await catalogue.plan({ input: { kind: 'sample' } });
      const image = await this.images.pixels(await sampleImage(this.images));
      const waiting = new Set(lanes.map(({ id }) => id));
      for await (const event of (await this.engine.get()).compare(
        { family, input: { kind: 'image', image }, lanes },
        { signal: enough.signal },
      )) {
        if (event.type === 'lane-started' || event.type === 'lane-failed') waiting.delete(event.lane);
        if (waiting.size === 0) enough.abort();
      }
    } catch (error) {
      if (!enough.signal.aborted) console.error('The engine did not warm up:', told(error).message);
    }
  }

  /** Unfinished work is written as interrupted. */
  async close(): Promise<void> {
    await Promise.all([this.vectors.close(), this.comparisons.close(), this.models.close(), this.collections.close()]);
    await this.engine.close();
    await this.database.$disconnect();
  }

  /** An engine that does not open must not hide the rest: the page shows its reason. */
  async #devices(): Promise<DeviceCard[]> {
    try {
      return await (await this.engine.get()).devices();
    } catch (error) {
      return [{ name: 'cpu', available: false, reason: told(error).message }];
    }
  }
}

/** The studio's engine as collections use it. @throws internal (an engine that captions no batches) */
async function batchEngine(source: EngineSource, wanted: StudioSettings['STUDIO_DEVICE']) {
  const engine = await source.get();
  const { captionBatch, status } = engine;
  if (!captionBatch || !status) throw new StudioError('internal', 'This engine captions no collections.');
  return {
    device: wanted === 'cpu' ? ('cpu' as const) : (await engine.status!()).device.name,
    captionBatch: captionBatch.bind(engine),
  };
}

const diskLimits = (settings: StudioSettings): DiskLimits => ({
  allBytes: settings.STUDIO_DISK_MB * 1e6,
  ownerBytes: settings.STUDIO_OWNER_DISK_MB * 1e6,
});
