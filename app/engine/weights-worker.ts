// Fetches, checks and stores weights, and writes graphs from them, beside the engine's worker: that one is busy with
// loading and running them.
import { StudioError } from '@/models/errors';
import { FamilyFiles, keptBytes, once } from '@/models/weights/family-files';
import type { Manifest } from '@/models/weights/manifest';
import type { FromWeights, ToWeights, WeightEntry } from './weight-messages';
import { WeightStore } from './weight-store';

const send = (message: FromWeights, give: Transferable[] = []) => self.postMessage(message, { transfer: give });
const store = new WeightStore((progress) => send({ kind: 'progress', progress }));
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

async function answer(message: Exclude<ToWeights, { kind: 'ahead' }>): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (message.kind === 'arrived') return void (await Promise.all(message.entries.map(file)));
  if (message.kind === 'model')
    return (await filesOf(message.manifest).model(message.graph, message.options)) as Uint8Array<ArrayBuffer>;
  const { entry, shared } = message;
  const bytes = file(entry);
  if (!shared) kept.delete(entry.sha256);
  // A large file was read for this answer alone. A small one may be one that graphs are made of.
  return entry.bytes > keptBytes ? bytes : (await bytes).slice();
}

self.onmessage = ({ data: message }: MessageEvent<ToWeights>) => {
  // Whatever fails ahead fails again, and is told, when it is asked for.
  if (message.kind === 'ahead') return message.entries.forEach((entry) => void file(entry).catch(() => undefined));
  const { id } = message;
  answer(message)
    .then((bytes) => (bytes ? send({ kind: 'done', id, bytes }, [bytes.buffer]) : send({ kind: 'done', id })))
    .catch((error: unknown) => send({ kind: 'failed', id, error: StudioError.from(error).toData() }));
};
