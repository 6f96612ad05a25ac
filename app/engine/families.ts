import { StudioError } from '@/models/errors';
import type { Precision, Runtime } from '@/models/runtime/types';
import { Family, type FileSource } from '@/models/weights/family';
import { graphNamesOf, graphOf } from '@/models/weights/graphs';
import { type Manifest, parseManifest } from '@/models/manifest';
import { msg } from '../languages/msg';
import type { Weights } from './weights';

/**
 * Families of the studio's server, with their weights in the browser's storage; opened once and shared by all
 * comparisons.
 */
export class StoredFamilies {
  readonly #open = new Map<string, Promise<Family>>();

  constructor(
    private readonly weights: Weights,
    private readonly runtime: Runtime,
    private readonly precision: Precision,
  ) {}

  /** @throws family-unknown, weights-missing, weights-invalid */
  get(name: string, precision: Precision = this.precision): Promise<Family> {
    const key = `${name} ${precision}`;
    let family = this.#open.get(key);
    if (!family) {
      family = Family.open({ files: this.#source(name), runtime: this.runtime, precision });
      this.#open.set(key, family);
      family.catch(() => this.#open.delete(key));
    }
    return family;
  }

  #source(name: string): FileSource {
    let manifest: Manifest | undefined;
    let shared = new Set<string>();
    const entryOf = (path: string) => {
      const entry = Object.values(manifest?.files ?? {}).find((file) => file.path === path);
      if (!entry)
        throw new StudioError('weights-missing', `Family ${name} has no file ${path} in its manifest.`, {
          details: { file: path },
        });
      return entry;
    };
    return {
      verified: true,
      ahead: (paths) => this.weights.ahead(paths.map(entryOf)),
      arrived: (paths) => this.weights.arrived(paths.map(entryOf)),
      model: (graph, options) => this.weights.model(manifest!, graph, options),
      read: async (path) => {
        if (path === 'manifest.json') {
          const bytes = await fetchManifest(name);
          manifest = parseManifest(bytes, name);
          const { files } = manifest;
          shared = new Set(
            graphNamesOf(manifest).flatMap((graph) =>
              graphOf(manifest!, graph).files.flatMap((key) => files[key]?.path ?? []),
            ),
          );
          return bytes;
        }
        return this.weights.file(entryOf(path), shared.has(path));
      },
    };
  }
}

/** The manifest names every other file by its hash. Offline, the service worker answers with the last one. */
async function fetchManifest(name: string): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(`/api/families/${encodeURIComponent(name)}`);
  } catch (cause) {
    throw new StudioError(
      'weights-missing',
      msg(
        'The studio does not answer, and this browser has not stored the family yet. Connect once, then it works offline.',
      ),
      { cause },
    );
  }
  if (response.status === 404) throw new StudioError('family-unknown', `The studio has no family "${name}".`);
  if (!response.ok)
    throw new StudioError(
      'weights-missing',
      `The studio answered ${response.status} when asked for the family ${name}. Try again.`,
    );
  return new Uint8Array(await response.arrayBuffer());
}
