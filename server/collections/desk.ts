import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectionCard } from '../../kept/answers';
import type { CollectionStart } from '../../kept/collections/requests';
import { differences, runSettings, type RunSettings } from '../../models/collections/shards';
import { StudioError } from '../../models/errors';
import { planLanes, requestOf } from '../../models/lanes/plan';
import type { DeviceName, Precision } from '../../models/runtime/types';
import type { Database, Transaction } from '../db/open';
import { why } from '../errors/why';
import type { AddressRule } from '../media/fetch-picture';
import { readFamily } from '../weights/read-family';
import type { BatchEngine, RunOrigin, RunView } from './run/types';
import { exportRun, fileName, nameless } from './exports';
import { CollectionService } from './service';
import type { SinkFormat } from './sinks/types';
import { openSources } from './sources/open';
import type { Source } from './sources/types';
import { CollectionTables } from './table/tables';
import { Uploads } from './uploads/uploads';
import { photoReader } from './workshop';

/** Who asks. `folders`: whether they may name what lies on this machine. */
export type Asker = {
  owner: string;
  folders: boolean;
  /** Takes a place among the client's runs. @throws busy */ enter(): () => void;
};

export type DeskParts = {
  /** The studio's own engine, which also answers whoever waits for one photo. */
  engine(): Promise<BatchEngine & { device: DeviceName }>;
  precision: Precision;
  families: { familiesDir?: string; installedDir?: string };
  addresses: AddressRule | 'off';
  demandRoom(tx: Transaction, ownerId: string): Promise<void>;
  /** Whether somebody waits for a single photo. */
  busy(): boolean;
  heartbeatMs: number;
  staleMs: number;
};

/** Runs that this studio works on at once; their batches take turns. */
const mostAtOnce = 6;
/** Whoever waits for one photo goes first, but a collection waits no longer than this for its next batch. */
const patienceMs = 20_000;
const lookMs = 40;

/** Collections that the studio itself runs, begun and gone on with from the page, and their tables. */
export class CollectionDesk {
  readonly tables: CollectionTables;
  readonly uploads: Uploads;
  readonly #service: CollectionService;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    database: Database,
    private readonly parts: DeskParts,
  ) {
    this.#service = new CollectionService(database, {
      tools: (settings) => this.#tools(settings),
      heartbeatMs: parts.heartbeatMs,
      staleMs: parts.staleMs,
    });
    this.uploads = new Uploads(database, parts.demandRoom);
    this.tables = new CollectionTables(database, (id) => this.#service.pace(id));
  }

  /**
   * Begins a collection of what the request names: answers once its photos are listed.
   * @throws forbidden, option-invalid, file-unreadable, not-found, busy, and as planLanes
   */
  async start(asker: Asker, { of, family = 'pocket', lanes }: CollectionStart): Promise<CollectionCard> {
    const settings = await this.#settings(family, lanes);
    const origin: Omit<RunOrigin, 'tell'> =
      of.kind === 'sent'
        ? { uploadId: of.upload }
        : { named: { cwd: '/', inputs: of.paths.map((path) => path.trim()) } };
    return this.#begin(asker, origin, settings, undefined, false);
  }

  /**
   * Goes on with a run, whoever began it; of a finished one photos that failed are tried again. Where what it is of has
   * changed meanwhile, that is a run of its own. @throws as start
   */
  async resume(asker: Asker, id: string): Promise<CollectionCard> {
    await this.tables.demand(asker.owner, id);
    const { origin, settings, title, status } = await this.#service.view(id);
    if (!origin)
      throw new StudioError(
        'option-invalid',
        'Nothing says where the photos of this collection come from. The command that began it goes on with --resume.',
      );
    const now = await this.#settings(settings.family, settings.lanes, settings);
    const differ = differences(settings, now);
    if (differ.length)
      throw new StudioError(
        'option-invalid',
        `This collection cannot be gone on with: ${differ.join('; ')}. Begin it anew; what it has stays.`,
      );
    const card = await this.#begin(asker, origin, settings, title, status === 'finished');
    await this.tables.marks.carry(id, card.id);
    return card;
  }

  /** In whatever process it is worked on. @throws not-found, busy */
  async set(asker: Asker, id: string, status: 'paused' | 'cancelled'): Promise<CollectionCard> {
    await this.tables.demand(asker.owner, id);
    await (status === 'paused' ? this.#service.pause(id) : this.#service.cancel(id));
    return this.tables.card(asker.owner, id);
  }

  /** Forgets a collection, and photos that were sent for it alone. @throws not-found, busy */
  async remove(asker: Asker, id: string): Promise<void> {
    await this.tables.demand(asker.owner, id);
    const { origin } = await this.#service.view(id);
    await this.#service.remove(id);
    if (origin?.uploadId !== undefined) await this.uploads.leave(origin.uploadId);
  }

  /**
   * All that is done so far as a file, by the sinks of the command line. Pictures of a webdataset are those that can be
   * read now. @throws not-found, option-invalid (COCO results of photos with one id)
   */
  async export(asker: Asker, id: string, format: SinkFormat): Promise<{ name: string; content: Readable }> {
    await this.tables.demand(asker.owner, id);
    const view = await this.#service.view(id);
    const sources = await this.#sourcesNow(asker, view);
    const person = { marks: await this.tables.marks.of(id), by: asker.owner };
    const content = await exportRun(view.settings, format, sources.known, () => this.tables.done(id), person).catch(
      async (error: unknown) => {
        await sources.close?.();
        throw error;
      },
    );
    content.once('close', () => void sources.close?.());
    return { name: fileName(view.title, format), content };
  }

  /** Where the photos of a run come from, as far as that can be told now and the asker may know. */
  async #sourcesNow(asker: Asker, { id, origin }: RunView): Promise<{ known: Source[]; close?: () => Promise<void> }> {
    if (origin && (asker.folders || !origin.named))
      try {
        const { inputs, close } = await this.#inputs(asker, origin);
        return { known: inputs, close };
      } catch {
        // Moved, or taken away: names are left.
      }
    const known: Source[] = [];
    for await (const { key } of this.tables.done(id)) known.push(nameless(key));
    return { known };
  }

  /** Runs stop with what they have, and may be gone on with. */
  close(): Promise<void> {
    return this.#service.close();
  }

  async #begin(
    asker: Asker,
    origin: Omit<RunOrigin, 'tell'>,
    settings: RunSettings,
    title: string | undefined,
    anew: boolean,
  ): Promise<CollectionCard> {
    if (origin.named && !asker.folders) throw foldersForbidden();
    if (this.#service.working >= mostAtOnce)
      throw new StudioError(
        'busy',
        `The studio works on ${mostAtOnce} collections already. Wait until one is done, or stop one.`,
      );
    const leave = asker.enter();
    try {
      const found = await this.#inputs(asker, origin);
      const id = await this.#service.start({
        ownerId: asker.owner,
        title: title ?? found.title,
        inputs: found.inputs,
        settings,
        shardSize: origin.shardSize,
        anew,
        origin: { ...origin, tell: found.tell },
        release: async () => {
          leave();
          await found.close?.();
        },
      });
      return await this.tables.card(asker.owner, id);
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #inputs(
    { owner }: Asker,
    { named, uploadId }: Omit<RunOrigin, 'tell'>,
  ): Promise<{ title: string; inputs: Source[]; tell: readonly string[]; close?: () => Promise<void> }> {
    if (!named) return { ...(await this.uploads.inputs(owner, uploadId!)), tell: [] };
    const { cwd, ...wishes } = named;
    if (cwd === '/') for (const path of named.inputs) await demandThere(path);
    const { sources, tell, close } = await openSources(
      { cwd, stdin: Readable.from([]) },
      { ...wishes, addresses: this.parts.addresses },
    );
    return { title: named.inputs.join(' '), inputs: [...sources], tell, close };
  }

  /** @param before those of the run that is gone on with */
  async #settings(family: string, wishes: CollectionStart['lanes'] | RunSettings['lanes'], before?: RunSettings) {
    const { manifest, hash } = await readFamily(family, this.parts.families);
    return runSettings({
      family,
      familyHash: hash,
      precision: before?.precision ?? this.parts.precision,
      device: (await this.parts.engine()).device,
      lanes: wishes.length ? planLanes(wishes as RunSettings['lanes'], manifest).map(requestOf) : [],
      embeddings: before?.embeddings,
      exact: before?.reading === 'whole',
    });
  }

  async #tools(settings: RunSettings) {
    const [engine, { manifest }] = await Promise.all([
      this.parts.engine(),
      readFamily(settings.family, this.parts.families),
    ]);
    const reader = photoReader(settings, manifest);
    const mine: BatchEngine = {
      captionBatch: (request, how) => this.#inTurn(() => engine.captionBatch(request, how), how.signal),
    };
    return { ...reader, engine: mine };
  }

  /** A batch after the other, and none begins while somebody waits for a single photo. */
  #inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const mine = this.#turn.then(async () => {
      const until = performance.now() + patienceMs;
      while (this.parts.busy() && performance.now() < until && !signal?.aborted) await sleep(lookMs);
      return work();
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

/** @throws option-invalid: no whole path, nothing there, nobody may look there */
async function demandThere(path: string): Promise<void> {
  if (!isAbsolute(path))
    throw new StudioError(
      'option-invalid',
      `"${path}" is no whole path. Write it from the root of this machine's disk, for example /home/me/${path}.`,
    );
  // Patterns and braces say themselves what fits.
  if (/[*?[{]/.test(path)) return;
  await stat(path).catch((cause: unknown) => {
    throw new StudioError(
      'option-invalid',
      `${path} cannot be opened: ${why(cause)}. Name a folder, an archive or a table of photos.`,
      { cause },
    );
  });
}

const foldersForbidden = () =>
  new StudioError(
    'forbidden',
    'Others can reach this studio, so folders of its machine are named on that machine only, or with an administrator’s key (page Models). Drop the photos on the page instead.',
  );
