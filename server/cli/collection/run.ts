import { realpath, stat } from 'node:fs/promises';
import type { LaneRequest } from '../../../models/compare';
import { differences, runSettings, type RunSettings } from '../../../models/collections/shards';
import { StudioError, throwIfAborted } from '../../../models/errors';
import { planLanes } from '../../../models/lanes/plan';
import type { Manifest } from '../../../models/manifest';
import { Engines, heldBytes } from '../../collections/engines';
import { photoReader } from '../../collections/workshop';
import { lockOutput } from '../../collections/run/process-lock';
import type { PhotoRow } from '../../collections/run/shard-files';
import type { Prepare } from '../../collections/run/types';
import { faultsIn } from '../../collections/run/work';
import { collectionsFolder } from '../../collections/run/folder';
import { CollectionService } from '../../collections/service';
import { openSources } from '../../collections/sources/open';
import type { Source, Sources } from '../../collections/sources/types';
import { readEnv } from '../../env/env';
import { readFamily } from '../../weights/read-family';
import { engineSettings, text, type Values } from '../args';
import { cancelled } from '../command';
import type { Fields } from '../fields';
import { openKept } from '../history/kept';
import { type Io, pathOf, ReaderLeft, sayJson, tell } from '../io';
import { Progress } from '../progress';
import { again } from './again';
import { modeOf, shardOf, sourceWishes } from './flags';

/** Where a collection's answers go. */
export type Target = {
  readonly done: ReadonlySet<string>;
  readonly tell: readonly string[];
  /** A photo, in the order of the collection; those of `done` are left out. */
  write(source: Source, photo: PhotoRow, settings: RunSettings): Promise<void>;
  /** All of it was written. `photos`: all of the run, once more. */
  finish(photos: () => AsyncGenerator<PhotoRow>): Promise<void>;
  abandon(): Promise<void>;
};

export type Job = {
  command: 'caption' | 'embed' | 'decode' | 'classify';
  /** As they were given, for the line that goes on. */
  args: readonly string[];
  values: Values;
  inputs: readonly string[];
  lanes: readonly LaneRequest[];
  embeddings: boolean;
  /** What is worked on where it is no photos: how it is found, and made what the engine takes. */
  given?: { what: string; open(manifest: Manifest): Promise<Sources>; prepare: Prepare };
  /** Opens what is written to, before any work. */
  open(sources: readonly Source[]): Promise<Target>;
};

/** What `--json` prints of a run whose rows go to a file. */
export const runFields: Fields = {
  out: 'the file',
  run: 'its id',
  photos: 'how many photos, or vectors, are done, failed ones too',
  failed: 'how many of them could not be read, or have a decoder that failed',
  imagesPerSecond: 'by all processes that worked on it meanwhile',
};

/** Photos that are named as they fail; what a whole archive of others is would fill the terminal. */
const named = 20;

/**
 * Captions or embeds a collection: goes on where the same was begun before, shares the work with other processes, and
 * stops with a line that goes on. @returns the exit status
 */
export async function runCollection(job: Job, io: Io): Promise<number> {
  const closing: (() => unknown)[] = [];
  try {
    return await run(job, io, closing);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function run(job: Job, io: Io, closing: (() => unknown)[]): Promise<number> {
  const { values, inputs } = job;
  const mode = modeOf(values);
  const out = text(values.out);
  const file = out !== undefined && out !== '-' ? out : undefined;
  const env = readEnv(io.env);
  const engineOptions = engineSettings(values, io);
  const family = text(values.family) ?? 'pocket';
  const { manifest, hash } = await readFamily(family, engineOptions);

  const { addresses, ...wishes } = sourceWishes(values, inputs, io);
  const {
    sources,
    tell: found,
    close,
  } = await (job.given?.open(manifest) ?? openSources(io, { ...wishes, addresses }));
  closing.push(close);
  for (const line of found) tell(io, line);

  const database = await openKept(values, io);
  closing.push(() => database.$disconnect());
  const path = file && (await realpath(pathOf(io, file)).catch(() => pathOf(io, file)));
  if (path) closing.push(lockOutput(collectionsFolder(database), path, file));
  const open = async () => {
    const target = await job.open(sources);
    closing.push(() => target.abandon());
    return target;
  };
  // A file that is gone on with is looked at once it is known to be of the same settings.
  const early = mode === 'resume' ? undefined : await open();

  const planned = job.lanes.length ? planLanes(job.lanes, manifest) : [];
  const decoders = planned.map(({ decoder }) => decoder.name);
  const weightBytes = heldBytes(manifest, decoders, engineOptions.precision ?? 'fp32');
  const engine = await Engines.open(io.openEngine, engineOptions, weightBytes);
  closing.push(() => engine.close());
  const settings = runSettings({
    family,
    familyHash: hash,
    precision: engineOptions.precision ?? 'fp32',
    device: engine.device,
    lanes: job.lanes,
    embeddings: job.embeddings,
    exact: Boolean(values.exact),
  });
  let prepare = job.given?.prepare;
  if (!prepare) {
    const reader = photoReader(settings, manifest);
    closing.push(reader.close);
    prepare = reader.prepare;
  }
  const tools = { engine, prepare };
  const service = new CollectionService(database, {
    tools: async () => tools,
    heartbeatMs: env.STUDIO_HEARTBEAT_MS,
    staleMs: env.STUDIO_STALE_MS,
  });
  closing.push(() => service.close());
  throwIfAborted(io.signal);
  if (mode === 'resume' && path) await demandSame(service, path, file!, settings);
  const target = early ?? (await open());
  for (const line of target.tell) tell(io, line);

  const what = job.given?.what ?? 'photo';
  const progress = new Progress(io.stderr, sources.length, job.lanes.length, { what });
  let [lost, left] = [0, false];
  const give = async (index: number, photo: PhotoRow) => {
    if (target.done.has(photo.key)) return;
    const source = sources[index]!;
    for (const fault of faultsIn(photo))
      if (++lost <= named) progress.note(`${source.path}: ${fault.lane && `${fault.lane}: `}${fault.message}`);
    try {
      await target.write(source, photo, settings);
    } catch (error) {
      if (!(error instanceof ReaderLeft)) throw error;
      left = true;
      void service.stop(id);
      throw new StudioError('cancelled', 'The reader has left.');
    }
  };
  const id = await service.start(
    {
      title: inputs.join(' ') || text(values.list) || '',
      inputs: sources,
      settings,
      shardSize: shardOf(values),
      // Standard input is read once.
      origin:
        job.given || inputs.includes('-') || wishes.list === '-'
          ? undefined
          : { named: { cwd: io.cwd, ...wishes }, shardSize: shardOf(values), tell: found },
      output: path,
      anew: mode !== 'resume',
    },
    give,
  );
  const stop = () => void service.stop(id).catch(() => undefined);
  io.signal.addEventListener('abort', stop, { once: true });
  if (io.signal.aborted) stop();
  const goOn = `All that was done is kept. Go on with:\n${again(job.command, job.args, { file: file !== undefined })}`;
  let last;
  try {
    for await (const far of service.follow(id)) {
      last = far;
      progress.update(far.done, far);
    }
  } catch (error) {
    progress.hide();
    tell(io, goOn);
    throw error;
  } finally {
    io.signal.removeEventListener('abort', stop);
  }
  if (left) throw new ReaderLeft();
  if (last?.status !== 'finished') {
    progress.hide();
    await target.abandon();
    tell(
      io,
      `${io.signal.aborted ? 'Stopped' : `The run was ${last?.status} elsewhere`} after ${last?.done} of ${sources.length} ${what}s. ${goOn}`,
    );
    return io.signal.aborted ? cancelled : 1;
  }
  await target.finish(() => service.photos(id));
  if (lost > named) tell(io, `… and ${lost - named} more that failed.`);
  progress.endWith(
    `${last.done} ${last.done === 1 ? what : `${what}s`}${last.failed ? `, ${last.failed} failed,` : ''}`,
  );
  if (values.json && file)
    await sayJson(io, {
      out: file,
      run: id,
      photos: last.done,
      failed: last.failed,
      imagesPerSecond: last.imagesPerSecond,
    });
  return last.failed ? 1 : 0;
}

/** @throws option-invalid that says in what the run that wrote the file differs */
async function demandSame(
  service: CollectionService,
  path: string,
  file: string,
  settings: RunSettings,
): Promise<void> {
  const before = await service.store.ofOutput(path);
  if (!before) {
    if ((await stat(path).catch(() => undefined))?.size)
      throw new StudioError(
        'option-invalid',
        `${file} was written by no run that this database knows, so nothing says how to go on with it. Name its database by --database, give --overwrite to write it anew, or name another file.`,
      );
    return;
  }
  const differ = differences(before.settings, settings);
  if (differ.length)
    throw new StudioError(
      'option-invalid',
      `${file} was begun by another run: ${differ.join('; ')}. Give the same flags to go on with it, --overwrite to write it anew, or another file.`,
    );
}
