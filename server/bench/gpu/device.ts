import { seeded } from '../../../models/random';
import { NodeRuntime } from '../../../models/runtime/node';
import type { DeviceName, Precision, Session, Tensor } from '../../../models/runtime/types';
import { unit } from '../../../models/spaces/embedding';
import { projectOntoMemory } from '../../../models/spaces/operators';
import { greedy, type Walked } from './greedy';
import { build, type NetworkName, type Sizes, type weightsOf } from './networks';

export const captioners = ['clipcap', 'capdec', 'decap', 'coca'] as const;
export type Captioner = (typeof captioners)[number];
/** Tokens of a caption, and of the prompt that tokens per second are counted after. */
const captionTokens = 20;
const promptTokens = 10;

/** The bench's networks on one device. Sessions are made when they are asked for. */
export class BenchDevice {
  readonly #runtime: NodeRuntime;
  readonly #sessions = new Map<NetworkName, Promise<Session>>();

  constructor(
    readonly name: DeviceName,
    private readonly precision: Precision,
    private readonly all: Sizes,
    private readonly weights: ReturnType<typeof weightsOf>,
  ) {
    this.#runtime = new NodeRuntime({ device: { name } });
  }

  close(): Promise<void> {
    return this.#runtime.close();
  }

  /** GPT-2 with so many sequences at once. */
  async tokens(rows: number, count: number): Promise<Walked> {
    const ids = Array.from({ length: rows }, (_, row) =>
      Array.from({ length: promptTokens }, (_, i) => (31 * i + 97 * row + 5) % this.all.gpt.vocabulary),
    );
    return greedy(this.#runtime, await this.#session('gpt'), this.all.gpt, { ids }, count);
  }

  /** Captions of so many photos from their pixels on, and the seconds that they took. */
  async captions(captioner: Captioner, photos: number): Promise<{ seconds: number; walked: Walked }> {
    const start = performance.now();
    const walked = captioner === 'coca' ? await this.#coca(photos) : await this.#prefixed(captioner, photos);
    return { seconds: (performance.now() - start) / 1000, walked };
  }

  /** Photos' embeddings at once, their prefixes at once, and all captions as rows of one batch. */
  async #prefixed(captioner: Exclude<Captioner, 'coca'>, photos: number): Promise<Walked> {
    const { image, decap, gpt } = this.all;
    const { dim } = image;
    const raw = await this.#run('image', { pixels: this.#pixels(photos, image.size) }, 'embedding');
    const rows = Array.from({ length: photos }, (_, n) => {
      const values = raw.slice(n * dim, (n + 1) * dim);
      const embedding = { space: 'bench', modality: 'image', state: 'raw', values } as const;
      if (captioner === 'clipcap') return values;
      return captioner === 'capdec'
        ? unit(embedding).values
        : projectOntoMemory(embedding, this.#memory(), 0.01).embedding.values;
    });
    const embedding = new Float32Array(photos * dim);
    rows.forEach((values, n) => embedding.set(values, n * dim));
    const mapper = ({ clipcap: 'mlp', capdec: 'transformer', decap: 'linear' } as const)[captioner];
    const tensor = this.#runtime.tensor('float32', embedding, [photos, dim]);
    const prefix = await this.#run(mapper, { embedding: tensor }, 'prefix');
    const model = captioner === 'decap' ? 'decap' : 'gpt';
    const ids = rows.map(() => (captioner === 'decap' ? [0] : []));
    return greedy(
      this.#runtime,
      await this.#session(model),
      captioner === 'decap' ? decap : gpt,
      { prefix, ids },
      captionTokens,
    );
  }

  /** Photos' grids at once; then photo after photo, because the step graph shares one photo's keys and values. */
  async #coca(photos: number): Promise<Walked> {
    const { coca } = this.all;
    const grid = await this.#run('cocaImage', { pixels: this.#pixels(photos, coca.image.size) }, 'grid');
    const tokens = (coca.image.size / coca.image.patch) ** 2 + 1;
    const tensor = this.#runtime.tensor('float32', grid, [photos, tokens, coca.image.width]);
    const pooled = await this.#run('cocaPooler', { grid: tensor }, 'tokens');
    const each = pooled.length / photos;
    const shape = { ...coca.text, layers: 2 * coca.text.layers };
    const out: Walked = { tokens: [], logProbs: new Float32Array(photos), stepsMs: 0 };
    for (let n = 0; n < photos; n++) {
      const dims = [1, coca.pooler.queries - 1, coca.text.width];
      const image_tokens = this.#runtime.tensor('float32', pooled.slice(n * each, (n + 1) * each), dims);
      const constants = await (await this.#session('cocaCross')).run({ image_tokens });
      const session = await this.#session('cocaDecoder');
      const walked = await greedy(this.#runtime, session, shape, { ids: [[1]], constants }, captionTokens);
      for (const one of [image_tokens, ...Object.values(constants)]) one.dispose();
      out.tokens.push(...walked.tokens);
      out.logProbs[n] = walked.logProbs[0]!;
      out.stepsMs += walked.stepsMs;
    }
    return out;
  }

  #session(name: NetworkName): Promise<Session> {
    const known = this.#sessions.get(name);
    if (known) return known;
    const keepOnDevice = Array.from({ length: 2 * this.all.coca.text.layers }, (_, layer) => [
      `present_key.${layer}`,
      `present_value.${layer}`,
      `cross_key.${layer}`,
      `cross_value.${layer}`,
    ]).flat();
    const model = build(name, this.all, this.weights, { precision: this.precision, device: this.name });
    const steps = ['gpt', 'decap', 'cocaDecoder'].includes(name);
    const kept = steps || name === 'cocaCross' ? this.#kept(name, keepOnDevice) : [];
    const session = this.#runtime.load(model, { name, keepOnDevice: kept, wholeOnDevice: steps });
    this.#sessions.set(name, session);
    return session;
  }

  /** Of the names those that a graph has. */
  #kept(name: NetworkName, all: readonly string[]): string[] {
    const { gpt, decap, coca } = this.all;
    const layers = {
      gpt: gpt.layers,
      decap: decap.layers,
      cocaDecoder: 2 * coca.text.layers,
      cocaCross: coca.text.layers,
    };
    const prefix = name === 'cocaCross' ? 'cross_' : 'present_';
    const most = layers[name as keyof typeof layers];
    return all.filter((output) => output.startsWith(prefix) && Number(output.split('.')[1]) < most);
  }

  /** One output of one run; the feeds are disposed. */
  async #run(name: NetworkName, feeds: Record<string, Tensor>, output: string): Promise<Float32Array> {
    const outputs = await (await this.#session(name)).run(feeds, [output]);
    try {
      return Float32Array.from((await outputs[output]!.read()) as Float32Array);
    } finally {
      for (const tensor of [...Object.values(outputs), ...Object.values(feeds)]) tensor.dispose();
    }
  }

  /** Every photo another noise. */
  #pixels(photos: number, size: number): Tensor {
    const random = seeded(7);
    const values = Float32Array.from({ length: photos * 3 * size * size }, () => 2 * random() - 1);
    return this.#runtime.tensor('float32', values, [photos, 3, size, size]);
  }

  #memoryRows: Float32Array | undefined;
  #memory(): Float32Array {
    if (this.#memoryRows) return this.#memoryRows;
    const { dim } = this.all.image;
    const random = seeded(11);
    const rows = new Float32Array(this.all.memory * dim);
    for (let row = 0; row < this.all.memory; row++) {
      const values = Float32Array.from({ length: dim }, () => random() - 0.5);
      rows.set(unit({ space: 'bench', modality: 'text', state: 'raw', values }).values, row * dim);
    }
    return (this.#memoryRows = rows);
  }
}
