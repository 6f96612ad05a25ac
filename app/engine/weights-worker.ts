// Fetches, checks and stores weights, and writes graphs from them, beside the engine's worker: that one is busy with
// loading and running them.
import { FamilyFiles, keptBytes, once } from '@/models/weights/family-files';
import type { Manifest } from '@/models/manifest';
import { answerCalls, type CallContext } from '@/models/worker/answer';
import type { Port } from '@/models/worker/messages';
import type { DownloadProgress } from './messages';
import type { WeightCalls, WeightEntry } from './weight-messages';
import { WeightStore } from './weight-store';

const store = new WeightStore((progress) => note(progress));
/**
 * Small files by their hash: those that graphs are made of, and others until they are asked for. Large ones are read
 * anew each time.
 */
const kept = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();
const families = new Map<string, FamilyFiles>();

function file(entry: WeightEntry): Promise<Uint8Array<ArrayBuffer>> {
  return entry.bytes > keptBytes ? store.get(entry) : once(kept, entry.sha256, () => store.get(entry));
}

function filesOf(manifest: Manifest): FamilyFiles {
  const version = JSON.stringify(manifest.files);
  let files = families.get(version);
  if (!files) {
    const entries = new Map(Object.values(manifest.files).map((entry) => [entry.path, entry]));
    families.set(
      version,
      (files = new FamilyFiles(manifest, { verified: true, read: (path) => file(entries.get(path)!) })),
    );
  }
  return files;
}

/** Bytes that nobody here needs any more. */
function given(bytes: Uint8Array<ArrayBuffer>, { give }: CallContext<never>): Uint8Array<ArrayBuffer> {
  give(bytes.buffer);
  return bytes;
}

// TypeScript takes `self` for a page's.
const note = answerCalls<WeightCalls, DownloadProgress>(self as unknown as Port, {
  // Whatever fails ahead fails again, and is told, when it is asked for.
  ahead: (entries) => entries.forEach((entry) => void file(entry).catch(() => undefined)),
  arrived: async (entries) => void (await Promise.all(entries.map(file))),
  file: async ({ entry, shared }, context) => {
    const bytes = file(entry);
    if (!shared) kept.delete(entry.sha256);
    // A large file was read for this answer alone. A small one may be one that graphs are made of.
    return given(entry.bytes > keptBytes ? await bytes : (await bytes).slice(), context);
  },
  model: async ({ manifest, graph, options }, context) =>
    given((await filesOf(manifest).model(graph, options)) as Uint8Array<ArrayBuffer>, context),
});
