import { basename, isAbsolute } from 'node:path';
import { StudioError } from '../../models/errors';
import { isLoopback, isOpenToOthers } from '../env/listen';
import { withoutPaths } from '../errors/without-paths';
import type { OwnerSettings } from '../owners/request-owner';
import type { HubSettings } from '../hub/request';
import { freeBytes } from './disk';
import { type Answerer, type Importer, type Source } from './import-job';
import { Installer } from './install';
import { ModelJobs } from './jobs';
import { type FamilyStore, type InstalledFamily, tidy } from './store';
import { isRepository, nameOfRepository } from './own-format';
import type { ImportKindCard, InstalledCard, ModelJob, ModelsView, PublishedModel, PullPlan } from './types';

export type ModelParts = {
  store: FamilyStore;
  hub: HubSettings;
  sources: readonly Source[];
  kinds: readonly ImportKindCard[];
  importer: Importer;
  answerer: Answerer;
};
/**
 * `as`: name of the family that comes of it; `base`: installed family that a decoder joins instead of the space alone.
 */
export type PullRequest = { name: string; as?: string; base?: string };
export type ImportRequest = {
  kind: string;
  files: string[];
  name: string;
  base?: string;
  options?: Record<string, string | number | boolean>;
};

/** The catalog as the page uses it: what there is, and the jobs that change it. */
export class ModelService {
  readonly jobs = new ModelJobs();
  readonly #installer: Installer;

  /**
   * @param settings who is whose, and where the server listens: there are no accounts, so only a studio that this
   *   machine alone can reach lets its visitors fill its disk or name its files
   * @param inUse whether a comparison of this server waits or runs with a family
   */
  constructor(
    private readonly parts: ModelParts,
    private readonly settings: Pick<OwnerSettings, 'HOST' | 'STUDIO_ORIGIN' | 'STUDIO_OWNERS'>,
    private readonly inUse: (family: string) => boolean,
  ) {
    this.#installer = new Installer(parts.store, parts.hub, parts.sources, parts.importer, parts.answerer);
  }

  /** @param administers whether the asking browser showed an administrator's key */
  async list(administers: boolean): Promise<ModelsView> {
    const { store, hub, sources, kinds } = this.parts;
    const { installed } = store.dirs;
    await tidy(installed);
    const [families, unfinished, usedBytes, free] = await Promise.all([
      store.list(),
      store.unfinished(),
      store.bytesUsed(),
      freeBytes(installed),
    ]);
    return {
      families: families.map((family) => this.#shown(installedCard(family), administers)),
      published: sources.map(publishedCard),
      kinds: [...kinds],
      unfinished,
      jobs: this.jobs.all.map((job) => this.#shown(job, administers)),
      hub: { endpoint: hub.endpoint, hasToken: Boolean(hub.token) },
      disk: { folder: this.#isLocked(administers) ? basename(installed) : installed, usedBytes, freeBytes: free },
      ...(this.#isLocked(administers) ? { locked: this.#locked() } : {}),
    };
  }

  /** @throws not-found */
  async cancel(id: string): Promise<ModelJob> {
    return this.jobs.cancel(id);
  }

  /** What a pull would bring, asked of the hub. @throws as Installer.plan */
  plan({ name, as, base }: PullRequest, signal?: AbortSignal): Promise<PullPlan> {
    return this.#installer.plan(name, { as, base, signal });
  }

  /** @throws option-invalid, family-exists, busy; what goes wrong later is told by the job */
  async pull({ name, as, base }: PullRequest): Promise<ModelJob> {
    const [title, usual] = isRepository(name)
      ? [name, nameOfRepository(name)]
      : [this.#installer.source(name).title, name];
    const family = as ?? usual;
    await this.parts.store.checkFree(family);
    return this.jobs.start('pull', family, title, async (events) => {
      events.onProgress({ phase: 'asking', family });
      await this.#installer.pull(await this.#installer.plan(name, { as, base, ...events }), events);
    });
  }

  /** @throws option-invalid, family-exists, busy */
  async import(request: ImportRequest): Promise<ModelJob> {
    const relative = request.files.find((file) => !isAbsolute(file));
    if (relative !== undefined)
      throw new StudioError(
        'option-invalid',
        `"${relative}" is no whole path. Write it from the root of this machine's disk, for example /home/me/${relative}.`,
      );
    await this.parts.store.checkFree(request.name);
    const title = this.parts.kinds.find(({ id }) => id === request.kind)?.title ?? request.kind;
    return this.jobs.start('import', request.name, title, (events) => this.#installer.import(request, events));
  }

  /** @throws family-unknown, busy */
  async verify(name: string): Promise<ModelJob> {
    await this.parts.store.open(name);
    return this.jobs.start('verify', name, name, async ({ signal, onProgress }) => ({
      verification: await this.parts.store.verify(name, {
        signal,
        onProgress: ({ file, done, total }) => onProgress({ phase: 'checking', family: name, file, done, total }),
      }),
    }));
  }

  /** @throws family-unknown, family-needed, busy */
  async remove(name: string): Promise<{ bytes: number }> {
    if (this.inUse(name))
      throw new StudioError(
        'family-needed',
        `A comparison waits or runs with the family ${name}. Let it end or stop it, then remove the family.`,
      );
    return this.parts.store.remove(name);
  }

  /** Throws away what a pull has downloaded so far. @throws family-unknown, busy */
  async discard(name: string): Promise<{ bytes: number }> {
    return this.parts.store.discard(name);
  }

  /**
   * All jobs as they are, now and after each change, until the signal fires.
   * @param administers is asked each time: a key may be revoked while somebody listens
   */
  async *follow(administers: () => Promise<boolean>, signal?: AbortSignal): AsyncGenerator<ModelJob[], void, void> {
    for await (const jobs of this.jobs.follow(signal)) {
      const whole = await administers();
      yield jobs.map((job) => this.#shown(job, whole));
    }
  }

  close(): Promise<void> {
    return this.jobs.close();
  }

  /** Asked before anything is changed. @throws forbidden where others may ask, and this one is no administrator */
  demandRight(administers: boolean): void {
    if (this.#isLocked(administers)) throw new StudioError('forbidden', this.#locked());
  }
  #isLocked(administers: boolean): boolean {
    return !administers && isOpenToOthers(this.settings);
  }
  /** What others may see of it: every text in it, without the paths of this machine. */
  #shown<T>(value: T, administers: boolean): T {
    if (!this.#isLocked(administers)) return value;
    const { embedded, installed } = this.parts.store.dirs;
    return withoutPathsIn(value, [embedded, installed, process.cwd()]);
  }
  #locked(): string {
    const { HOST, STUDIO_ORIGIN: origin } = this.settings;
    const loopback = origin ? `STUDIO_ORIGIN=${origin}` : 'STUDIO_OWNERS=browser';
    const how = isLoopback(HOST) ? loopback : `HOST=${HOST}`;
    return `This studio is open to the network (${how}) and has no accounts, so models are changed on its own machine only, or with an administrator’s key: npm run -s studio -- models key new`;
  }
}

function withoutPathsIn<T>(value: T, folders: readonly string[]): T {
  if (typeof value === 'string') return withoutPaths(value, folders) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => withoutPathsIn(item, folders)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutPathsIn(item, folders)])) as T;
}

function publishedCard({
  name,
  title,
  kind,
  adds,
  goodAt,
  files,
  page,
  licence,
  licenceAt,
  needs,
  note,
}: Source): PublishedModel {
  return {
    name,
    title,
    kind,
    adds,
    goodAt,
    files,
    licence,
    ...(licenceAt ? { licenceAt } : {}),
    ...(page ? { page } : {}),
    ...(needs ? { needs } : {}),
    ...(note ? { note } : {}),
  };
}

function installedCard({ name, embedded, bytes, manifest, problem }: InstalledFamily): InstalledCard {
  if (!manifest) return { name, embedded, bytes, decoders: [], licence: '', trainedOn: '', origins: [], problem };
  const { space, decoders, licence, trainedOn, source, origins = [] } = manifest;
  return {
    name,
    embedded,
    bytes,
    space: { name: space.name, dim: space.dim },
    decoders: Object.keys(decoders),
    licence,
    trainedOn,
    ...(source ? { source } : {}),
    origins,
  };
}
