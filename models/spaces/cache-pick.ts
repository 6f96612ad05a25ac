import { buildCachePick } from '../networks/cache-pick';
import type { Runner } from '../runtime/scheduler';
import type { Runtime, Session, Tensor } from '../runtime/types';

/** Takes tokens out of the cache of a step graph, on the device where it lies. */
export class CachePick {
  #pick: Promise<Session> | undefined;

  constructor(
    /** The graph whose cache it is. */
    private readonly session: Session,
    private readonly runtime: Runtime,
    private readonly shape: { layers: number; heads: number; width: number },
  ) {}

  /** A cache of one row with these of its tokens, in this order. The caller disposes both. @throws cancelled */
  async of(cache: Record<string, Tensor>, kept: readonly number[], lane: Runner): Promise<Record<string, Tensor>> {
    if (onHost(this.runtime)) return this.#ofHost(cache, kept);
    const places = this.runtime.tensor('int64', BigInt64Array.from(kept, BigInt), [kept.length]);
    try {
      return asPast(await lane.run(await this.#loaded(), { ...cache, places }));
    } finally {
      places.dispose();
    }
  }

  dispose(): void {
    // Nobody waits for it; what failed to load has nothing to release.
    void this.#pick?.then((pick) => pick.release()).catch(() => undefined);
    this.#pick = undefined;
  }

  /** Where caches lie in the host's memory a run would only copy them in and out. */
  async #ofHost(cache: Record<string, Tensor>, kept: readonly number[]): Promise<Record<string, Tensor>> {
    const picked: Record<string, Tensor> = {};
    for (const [name, tensor] of Object.entries(cache)) {
      const [, heads = 1, length = 0, size = 1] = tensor.dims;
      const values = (await tensor.read()) as Float32Array;
      const out = new Float32Array(heads * kept.length * size);
      for (let head = 0; head < heads; head++)
        kept.forEach((place, i) => {
          const at = (head * length + place) * size;
          out.set(values.subarray(at, at + size), (head * kept.length + i) * size);
        });
      picked[name] = this.runtime.tensor('float32', out, [1, heads, kept.length, size]);
    }
    return picked;
  }

  #loaded(): Promise<Session> {
    const { layers, heads, width } = this.shape;
    const float = this.session.inputType('past_key.0') === 'float16' ? 'float16' : 'float32';
    return (this.#pick ??= this.runtime.load(buildCachePick({ layers, heads, headSize: width / heads, float }), {
      name: 'the pick of a cache',
      keepOnDevice: this.session.outputs.filter((name) => name.startsWith('present_')),
      wholeOnDevice: true,
    }));
  }
}

const onHost = ({ device }: Runtime) => device.name === 'cpu' || device.name === 'wasm';

/** Of the outputs of a step graph its cache, as the next run takes it. */
export const asPast = (outputs: Record<string, Tensor>): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(outputs).flatMap(([name, tensor]) =>
      name.startsWith('present_') ? [[name.replace('present', 'past'), tensor]] : [],
    ),
  );
