import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError, throwIfAborted } from '../../models/errors';
import { nearest } from '../../models/decoders/options';
import { describe, type RemoteFile } from '../hub/describe';
import { bytesHere, download } from '../hub/download';
import { licenceOnHub } from '../hub/licence';
import type { HubSettings } from '../hub/request';
import { Speed } from '../hub/speed';
import { checkSpace, freeBytes } from './disk';
import { lockFamily } from '../weights/lock';
import { adoptFamily, isRepository, nameOfRepository, ownFormat, repositorySource } from './own-format';
import { demandOnHub, describeFirst } from './on-hub';
import { notePull, stagingOf } from './staging';
import { type FamilyStore, tidy } from './store';
import type { Answerer, Importer, ImportJob, Source, WorkEvents } from './import-job';
import type { InstallProgress, Origin, PlannedFile, PlanStep, PullPlan } from './types';

export type InstallEvents = { onProgress?: (progress: InstallProgress) => void; signal?: AbortSignal };

/** Pulls and imports families into a store: checked beforehand, resumable, all or nothing. */
export class Installer {
  constructor(
    private readonly store: FamilyStore,
    private readonly hub: HubSettings,
    private readonly sources: readonly Source[],
    private readonly importer: Importer,
    private readonly answerer: Answerer,
    /** Free bytes of a folder's disk; tests have small disks. */
    private readonly free: (folder: string) => Promise<number> = freeBytes,
  ) {}

  /** @throws option-invalid that names the nearest */
  source(name: string): Source {
    const found = this.sources.find((source) => source.name === name);
    if (found) return found;
    const near = nearest(
      name,
      this.sources.map((source) => source.name),
    );
    throw new StudioError(
      'option-invalid',
      `No published model is called "${name}".${near ? ` Did you mean "${near}"?` : ''} \`npm run -s studio -- models list\` shows all; a file of your own goes in with \`models import\`.`,
    );
  }

  /**
   * Asks the hub for everything that pulling `name` (a published model, or a repository that holds a family) takes: the
   * space that it reads first, where that is not installed.
   * @throws option-invalid, family-exists, family-unknown (the base), hub-missing, hub-refused, hub-unreachable,
   *   not-found (not on the hub)
   */
  async plan(
    name: string,
    { as = nameFor(name), base, onProgress, signal }: InstallEvents & { as?: string; base?: string } = {},
  ): Promise<PullPlan> {
    const source = isRepository(name)
      ? await repositorySource(name, this.hub, {
          signal,
          onWait: (reason, ms) => onProgress?.({ phase: 'waiting', family: as, reason, ms }),
        })
      : this.source(name);
    await this.store.checkFree(as);
    demandOnHub(source, as);
    const installed = (await this.store.list()).map((family) => family.name);
    const steps: PlanStep[] = [];
    if (base !== undefined) await this.store.open(base);
    else if (source.needs !== undefined && !installed.includes(source.needs))
      steps.push(await this.#step(this.source(source.needs), source.needs, undefined, { onProgress, signal }));
    steps.push(
      await this.#step(source, as, source.kind === ownFormat.id ? undefined : (base ?? source.needs), {
        onProgress,
        signal,
      }),
    );
    const sum = (of: (step: PlanStep) => number) => steps.reduce((total, step) => total + of(step), 0);
    const [bytes, received] = [sum((step) => step.bytes), sum((step) => step.received)];
    // What comes of the files is as large as they are, and one step's files lie beside it while it is made.
    const diskBytes = bytes + Math.max(...steps.map((step) => step.bytes)) - received;
    return { name: as, steps, bytes, received, diskBytes, freeBytes: await this.free(this.store.dirs.installed) };
  }

  /**
   * Carries a plan out. What was downloaded stays when it fails or is cancelled, and the next pull of the same name
   * goes on from there.
   * @throws storage-full, busy (somebody else installs it), family-exists, hub-…, weights-corrupt, as the import,
   *   cancelled
   */
  async pull(plan: PullPlan, events: InstallEvents = {}): Promise<void> {
    await checkSpace(
      this.store.dirs.installed,
      plan.diskBytes,
      `Pulling ${plan.name}`,
      await this.free(this.store.dirs.installed),
    );
    for (const step of plan.steps) {
      const last = step === plan.steps.at(-1);
      // Another process may have installed the space meanwhile.
      if (!last && (await this.store.list()).some(({ name }) => name === step.name)) continue;
      const release = this.store.reserve(step.name);
      try {
        await this.store.checkFree(step.name);
        await this.#pullStep(step, events);
      } finally {
        release();
      }
    }
  }

  /**
   * Imports files of this machine. @throws storage-full, busy, family-exists, family-unknown (the base), as the import,
   * cancelled
   */
  async import(job: Omit<ImportJob, 'out'>, events: InstallEvents = {}): Promise<void> {
    const { installed } = this.store.dirs;
    await this.store.checkFree(job.name);
    const bytes = await sizes(job.files);
    await checkSpace(installed, bytes, `Importing ${job.name}`, await this.free(installed));
    const release = this.store.reserve(job.name);
    try {
      await this.store.checkFree(job.name);
      const staging = stagingOf(installed, job.name);
      try {
        await this.#make(job, staging.family, [], events);
      } finally {
        // Downloads of a pull of the same name are none of this job's.
        await rm(staging.family, { recursive: true, force: true });
      }
    } finally {
      release();
      await tidy(installed);
    }
  }

  async #step(
    source: Source,
    name: string,
    base: string | undefined,
    { onProgress, signal }: InstallEvents,
  ): Promise<PlanStep> {
    demandOnHub(source, name);
    onProgress?.({ phase: 'asking', family: name });
    const { download: folder } = stagingOf(this.store.dirs.installed, name);
    const files: PlannedFile[] = [];
    for (const file of source.files) {
      // All files of a repository come from one commit.
      const revision = files.find(({ repository }) => repository === file.repository)?.commit;
      const remote = await describeFirst(source, file, name, this.hub, {
        ...(revision ? { revision } : {}),
        signal,
        onWait: (reason, ms) => onProgress?.({ phase: 'waiting', family: name, reason, ms }),
      });
      files.push({
        repository: remote.repo,
        path: remote.path,
        commit: remote.commit,
        bytes: remote.bytes,
        received: await bytesHere(remote, join(folder, baseName(remote.path))),
        ...(remote.sha256 ? { sha256: remote.sha256 } : {}),
      });
    }
    const { title, licence, licenceAt, note, page } = source;
    // A family's own manifest has said it already.
    const onHub = source.kind === ownFormat.id ? undefined : await licenceOnHub(files[0]!.repository, this.hub, signal);
    const sum = (key: 'bytes' | 'received') => files.reduce((total, file) => total + file[key], 0);
    return {
      name,
      published: source.name,
      kind: source.kind,
      ...(source.options ? { options: source.options } : {}),
      title,
      licence,
      ...(licenceAt ? { licenceAt } : {}),
      ...(onHub === undefined ? {} : { licenceOnHub: onHub }),
      ...(note ? { note } : {}),
      ...(page ? { page } : {}),
      ...(base ? { base } : {}),
      files,
      bytes: sum('bytes'),
      received: sum('received'),
    };
  }

  async #pullStep(step: PlanStep, events: InstallEvents): Promise<void> {
    const { installed } = this.store.dirs;
    const staging = await notePull(installed, step.name, {
      published: step.published,
      ...(step.base ? { base: step.base } : {}),
      bytes: step.bytes,
      begun: Date.now(),
    });
    const speed = new Speed();
    const origins: Origin[] = [];
    const paths: string[] = [];
    let before = 0;
    for (const planned of step.files) {
      const target = join(staging.download, baseName(planned.path));
      const tell = (received: number) => {
        speed.reached(before + received - step.received);
        const all = before + received;
        events.onProgress?.({
          phase: 'downloading',
          family: step.name,
          file: planned.path,
          received: all,
          bytes: step.bytes,
          speed: speed.bytesPerSecond,
          secondsLeft: speed.secondsLeft(step.bytes - all),
        });
      };
      // Asked again: a small file's git hash is not in the plan, and the plan may be old.
      const remote: RemoteFile = await describe(
        { repo: planned.repository, path: planned.path, revision: planned.commit },
        this.hub,
        events,
      );
      const sha256 = await download(remote, target, this.hub, {
        signal: events.signal,
        onBytes: tell,
        onWait: (reason, ms) => events.onProgress?.({ phase: 'waiting', family: step.name, reason, ms }),
        onCheck: () => events.onProgress?.({ phase: 'checking', family: step.name, file: planned.path }),
      });
      before += planned.bytes;
      origins.push({
        repository: planned.repository,
        path: planned.path,
        commit: remote.commit,
        bytes: remote.bytes,
        sha256,
      });
      paths.push(target);
    }
    await this.#make(
      {
        kind: step.kind,
        files: paths,
        name: step.name,
        ...(step.base ? { base: step.base } : {}),
        ...(step.options ? { options: step.options } : {}),
      },
      staging.family,
      origins,
      events,
    );
    await rm(staging.folder, { recursive: true, force: true });
  }

  /** Imports into the staging folder and puts the result in its place. */
  async #make(
    job: Omit<ImportJob, 'out'>,
    out: string,
    origins: Origin[],
    { onProgress, signal }: InstallEvents,
  ): Promise<void> {
    const { installed } = this.store.dirs;
    await rm(out, { recursive: true, force: true });
    // The base must not be removed while files are taken from it.
    const base = job.base === undefined ? undefined : await this.store.open(job.base);
    const release = base && !base.embedded ? lockFamily(installed, base.name, 'shared') : () => undefined;
    if (!release)
      throw new StudioError(
        'busy',
        `The family ${job.base} is being removed or installed right now. Try again in a moment.`,
      );
    try {
      const events: WorkEvents = {
        onProgress: (what, done, total) => onProgress?.({ phase: 'importing', family: job.name, what, done, total }),
        signal,
      };
      await (job.kind === ownFormat.id ? adoptFamily : this.importer)({ ...job, out }, events);
      throwIfAborted(signal);
      await this.answerer({ folder: out, ...(base ? { base: base.name } : {}) }, events);
      throwIfAborted(signal);
      await noteOrigins(out, base?.manifest, origins);
      onProgress?.({ phase: 'settling', family: job.name });
      await this.store.settle(job.name, out);
    } finally {
      release();
    }
  }
}

const nameFor = (name: string) => (isRepository(name) ? nameOfRepository(name) : name);
const baseName = (path: string) => path.split('/').at(-1)!;

/** Writes into the manifest where the files came from, after those of the base. */
async function noteOrigins(folder: string, base: Uint8Array | undefined, origins: readonly Origin[]): Promise<void> {
  const path = join(folder, 'manifest.json');
  const before = base ? ((JSON.parse(new TextDecoder().decode(base)) as { origins?: Origin[] }).origins ?? []) : [];
  if (!before.length && !origins.length) return;
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, `${JSON.stringify({ ...manifest, origins: [...before, ...origins] }, null, 2)}\n`);
}

/** @throws file-unreadable */
async function sizes(paths: readonly string[]): Promise<number> {
  let sum = 0;
  for (const path of paths) {
    const info = await stat(path).catch((cause: unknown) => {
      throw new StudioError('file-unreadable', `There is no file ${path}, or it cannot be read. Check the path.`, {
        cause,
      });
    });
    if (!info.isFile())
      throw new StudioError('file-unreadable', `${path} is no file. Name the checkpoint's files one by one.`);
    sum += info.size;
  }
  return sum;
}
