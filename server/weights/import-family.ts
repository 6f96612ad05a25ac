import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, open, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { StudioError } from '../../models/errors';
import { why } from '../errors/why';
import { NodeRuntime } from '../../models/runtime/node';
import { Scheduler } from '../../models/runtime/scheduler';
import { Space } from '../../models/spaces/space';
import { Family } from '../../models/weights/family';
import { importCheckpoint, type ImportProgress } from '../../models/weights/import/import-checkpoint';
import { importKind } from '../../models/weights/import/kinds';
import type { ImportSink } from '../../models/weights/import/types';
import { type Manifest, parseManifest } from '../../models/manifest';
import { folderSource } from './folder-families';
import { FileHandleSource } from './file-source';

export type FamilyImport = {
  /** An id of `importKinds` (models/weights/import/kinds.ts). */
  kind: string;
  /**
   * Files of the checkpoint, its tokenizer and so on; `name` where the path does not tell the role (a download under a
   * hash).
   */
  files: readonly { path: string; name?: string }[];
  /** Name of the new family. */
  name: string;
  /** Folder of the installed family that a decoder joins. */
  base?: string;
  /**
   * Folder to write into: made here, and for the caller to move into place when all is done, or to remove when it
   * failed.
   */
  into: string;
  options?: Record<string, number | string | boolean>;
  onProgress?: (progress: ImportProgress) => void;
  signal?: AbortSignal;
};

/**
 * Imports files of the disk into a folder that `Family` opens: read by their handles, written tensor by tensor, files
 * of the base family
 * taken over by hard links. @throws as importCheckpoint, file-unreadable, storage-full
 */
export async function importFamily(request: FamilyImport): Promise<Manifest> {
  const { base, into, signal } = request;
  await mkdir(into, { recursive: true });
  const sources: FileHandleSource[] = [];
  const embedder = base === undefined ? undefined : new Embedder(base, signal);
  try {
    const files = request.files.map(({ path, name = basename(path) }) => {
      const source = new FileHandleSource(path);
      sources.push(source);
      return { name, source, folder: dirname(resolve(path)) };
    });
    const manifest = await importCheckpoint({
      ...request,
      files,
      base:
        base === undefined
          ? undefined
          : parseManifest(await readFile(join(base, 'manifest.json')).catch(() => noBase(base)), base),
      sink: folderSink(into, base),
      embedTexts: embedder && ((texts) => embedder.embed(texts)),
    });
    const { check } = importKind(request.kind);
    if (check && request.options?.[check.option] !== 'unchecked') {
      const { space, runtime } = await openSpace(into);
      await check.run(space, new Scheduler().lane(signal)).finally(() => runtime.close());
    }
    return manifest;
  } finally {
    for (const source of sources) source.close();
    await embedder?.close();
  }
}

function noBase(folder: string): never {
  throw new StudioError(
    'family-unknown',
    `${folder} holds no family (no manifest.json). Pull or import the space first.`,
  );
}

/** Text embeddings by the base family's own tower, on the CPU; opened when the first are asked for. */
class Embedder {
  #opened: Promise<{ space: Space; runtime: NodeRuntime }> | undefined;
  readonly #scheduler = new Scheduler();

  constructor(
    private readonly folder: string,
    private readonly signal?: AbortSignal,
  ) {}

  async embed(texts: readonly string[]): Promise<Float32Array[]> {
    this.#opened ??= openSpace(this.folder);
    const { space } = await this.#opened;
    return (await space.encodeTexts(texts, this.#scheduler.lane(this.signal))).map(({ values }) => values);
  }

  async close(): Promise<void> {
    await this.#opened?.then(({ runtime }) => runtime.close()).catch(() => undefined);
  }
}

/** A family's space on the CPU; the caller closes the runtime. */
async function openSpace(folder: string): Promise<{ space: Space; runtime: NodeRuntime }> {
  const runtime = new NodeRuntime({ device: { name: 'cpu' } });
  const family = await Family.open({ files: folderSource(folder, basename(folder)), runtime, precision: 'fp32' });
  return { runtime, space: new Space(family) };
}

/** Writes into a folder and hashes while it writes. */
export function folderSink(into: string, base?: string): ImportSink {
  return {
    create: async (path) => {
      const file = await open(join(into, path), 'wx').catch((cause: unknown) => failed(path, cause));
      const hash = createHash('sha256');
      let bytes = 0;
      return {
        write: async (chunk) => {
          hash.update(chunk);
          bytes += chunk.byteLength;
          try {
            await file.writeFile(chunk);
          } catch (cause) {
            await file.close();
            failed(path, cause);
          }
        },
        close: async () => {
          await file.sync();
          await file.close();
          return { bytes, sha256: hash.digest('hex') };
        },
      };
    },
    keep: async (path) => {
      if (base === undefined) throw new StudioError('internal', `There is no base family to take ${path} from.`);
      const [from, to] = [join(base, path), join(into, path)];
      await link(from, to)
        .catch(() => copyFile(from, to))
        .catch((cause: unknown) => failed(path, cause));
    },
  };
}

function failed(path: string, cause: unknown): never {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    throw new StudioError(
      'storage-full',
      `The disk is full: ${path} could not be written. Make room, then import again.`,
      { cause },
    );
  throw new StudioError('file-unreadable', `${path} could not be written: ${why(cause)}.`, { cause });
}
