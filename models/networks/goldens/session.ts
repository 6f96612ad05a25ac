// Test support: the tests of this folder run a graph on onnxruntime itself, without the studio's runtime between.
// eslint-disable-next-line no-restricted-imports
import * as ort from 'onnxruntime-node';

export type Feeds = Record<string, ort.Tensor>;

export const float = (values: ArrayLike<number>, dims: readonly number[]) =>
  new ort.Tensor('float32', Float32Array.from(values), dims);
export const long = (values: ArrayLike<number>, dims: readonly number[] = [values.length]) =>
  new ort.Tensor('int64', BigInt64Array.from(Array.from(values), BigInt), dims);

export async function open(model: Uint8Array): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, { logSeverityLevel: 3, intraOpNumThreads: 1 });
}

/** Outputs as plain numbers. */
export function values(tensor: ort.Tensor | undefined): ArrayLike<number> {
  if (!tensor) throw new Error('The graph has no such output.');
  if (tensor.data instanceof BigInt64Array) return Array.from(tensor.data, Number);
  return tensor.data as Float32Array;
}

function causal(batch: number, fresh: number, total: number): number[] {
  return Array.from({ length: batch * fresh * total }, (_, i) =>
    i % total > total - fresh + (Math.floor(i / total) % fresh) ? -30_000 : 0,
  );
}

/** The rows of a cache that `parents` name. */
function chosen(cache: ort.Tensor, parents: readonly number[]): ort.Tensor {
  const [, ...rest] = cache.dims;
  const each = rest.reduce((product, n) => product * n, 1);
  const data = cache.data as Float32Array;
  return float(
    parents.flatMap((parent) => [...data.subarray(parent * each, (parent + 1) * each)]),
    [parents.length, ...rest],
  );
}

/** A cache [rows, heads, length, size] with what is new behind each row's. */
function joined(cache: ort.Tensor, fresh: ort.Tensor): ort.Tensor {
  const [rows = 1, heads = 1, count = 0, size = 1] = fresh.dims;
  const length = cache.dims[2]!;
  const part = ({ data }: ort.Tensor, at: number, n: number) => (data as Float32Array).subarray(at * n, (at + 1) * n);
  return float(
    Array.from({ length: rows * heads }, (_, at) => [
      ...part(cache, at, length * size),
      ...part(fresh, at, count * size),
    ]).flat(),
    [rows, heads, length + count, size],
  );
}

/** The cache of a step graph, and the inputs that depend on its length only. */
export class StepSession {
  private past: Feeds = {};
  private length = 0;

  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly constants: Feeds,
    private readonly empty: ort.Tensor,
  ) {}

  /** `constants` are fed to every run (cross-attention keys and values). */
  static async open(model: Uint8Array, heads: number, headSize: number, constants: Feeds = {}): Promise<StepSession> {
    const session = await open(model);
    const meta = session.inputMetadata.find((input) => input.name === 'past_key.0');
    const half = meta?.isTensor === true && meta.type === 'float16';
    const empty = half
      ? new ort.Tensor('float16', new Uint16Array(0), [1, heads, 0, headSize])
      : float([], [1, heads, 0, headSize]);
    return new StepSession(session, constants, empty);
  }

  reset(): void {
    this.past = {};
    this.length = 0;
  }

  /** [photos, rows of each, width], told by the keys of the cross-attentions. */
  private photoRows(): number[] {
    const [photos = 1, heads = 1, , headSize = 1] = this.constants['cross_key.0']?.dims ?? [];
    return [photos, -1, heads * headSize];
  }

  /** Runs `rows` new tokens after the past, row r continuing row `parents[r]`, and keeps the cache. */
  async run(rows: number[][], parents: number[], more: Feeds): Promise<ort.InferenceSession.OnnxValueMapType> {
    const fresh = rows[0]!.length + (more.prefix_embeds?.dims[1] ?? 0);
    const total = this.length + fresh;
    const batch = rows.length;
    const offered: Feeds = {
      input_ids: long(rows.flat(), [batch, rows[0]!.length]),
      position_ids: long(Array.from({ length: fresh }, (_, i) => this.length + i)),
      beam_index: long(parents),
      seqlens_k: new ort.Tensor('int32', new Int32Array(batch).fill(total - 1), [batch]),
      // Causal, nothing hidden: what the padding mask hides, the goldens of models/decoders/coca tell.
      attention_mask: float(causal(batch, fresh, total), [batch, 1, fresh, total]),
      attention_bias: float(causal(1, fresh, total), [1, 1, fresh, total]),
      told_tokens: long(rows.map((_, row) => row * fresh + fresh - 1)),
      head_rows: long(rows.map((_, row) => row)),
      total_sequence_length: new ort.Tensor('int32', Int32Array.of(total), []),
      photo_rows: long(this.photoRows()),
      ...this.constants,
      ...more,
    };
    // Where a graph leaves its cache: rows in their order, and no room behind what they have.
    const leaves = this.session.outputNames.includes('new_key.0');
    if (leaves) {
      offered.causal_bias = offered.attention_bias!;
      for (const name of this.session.inputNames)
        if (name.startsWith('past_')) offered[name] = chosen(this.past[name] ?? this.empty, parents);
    }
    const feeds: Feeds = {};
    for (const name of this.session.inputNames) {
      const tensor = offered[name] ?? (name.startsWith('past_') ? (this.past[name] ?? this.empty) : undefined);
      if (tensor) feeds[name] = tensor;
    }
    const outputs = await this.session.run(feeds);
    for (const name of this.session.outputNames) {
      if (name.startsWith('present_')) this.past[name.replace('present', 'past')] = outputs[name]!;
      const past = name.replace('new_', 'past_');
      if (leaves && past !== name) this.past[past] = joined(offered[past]!, outputs[name]!);
    }
    this.length = total;
    return outputs;
  }
}
