import { StudioError } from '../errors';
import type { Runner } from '../runtime/scheduler';
import type { Runtime, Session, Tensor } from '../runtime/types';
import { causalBias, rivalBias } from '../spaces/attention-bias';
import { asPast, CachePick } from '../spaces/cache-pick';
import { paddingMaskFeed } from '../spaces/padding-mask';
import { emptyCache } from '../spaces/space';
import type { StepModel, StepOutput, StepRequest } from './types';

export type StepModelShape = {
  layers: number;
  heads: number;
  width: number;
  vocabulary: number;
  positions: number;
  endToken: number;
};
export type Prompt = {
  /** [slots, width] prefix embeddings (ClipCap, CapDec, DeCap). */
  prefix?: Float32Array;
  /** Token ids after the prefix (`<bos>` where the model was trained with it). */
  ids: readonly number[];
  /** Fed to every run and owned by the caller: CoCa's cross-attention keys and values. */
  constants?: Record<string, Tensor>;
};

/**
 * A step graph (models/networks: a GPT, or a decoder that attends to an image) as a `StepModel`: owns the key/value
 * cache and disposes it.
 */
export class GraphStepModel implements StepModel {
  readonly vocabulary: number;
  readonly endToken: number;
  readonly maxNewTokens: number;
  readonly #promptLength: number;
  #past: Record<string, Tensor> = {};
  #length = 0;
  /** Tokens that stand behind the first `#length` of a cache of one row, of which only one will go on. */
  #rivals = 0;
  readonly #pick: CachePick;
  /** Token ids of each row so far; the prompt's prefix has none. */
  #rows: (readonly number[])[] = [];
  /** What a step with `headRows` began from, for `again`. */
  #before:
    | {
        past: Record<string, Tensor>;
        length: number;
        rows: (readonly number[])[];
        parents: readonly number[];
        tokens: readonly number[];
      }
    | undefined;

  constructor(
    private readonly session: Session,
    private readonly runtime: Runtime,
    /** Where the prompt and the steps after it run. */
    private readonly lane: { prefill: Runner; step: Runner },
    private readonly shape: StepModelShape,
    private readonly prompt: Prompt,
  ) {
    this.vocabulary = shape.vocabulary;
    this.endToken = shape.endToken;
    this.#promptLength = (prompt.prefix?.length ?? 0) / shape.width + prompt.ids.length;
    this.maxNewTokens = shape.positions - this.#promptLength;
    this.#pick = new CachePick(session, runtime, shape);
  }

  async prefill(request: StepRequest): Promise<StepOutput> {
    this.#clear();
    const { layers, heads, width } = this.shape;
    for (let l = 0; l < layers; l++)
      for (const part of ['key', 'value'])
        this.#past[`past_${part}.${l}`] = emptyCache(this.runtime, this.session, [1, heads, 0, width / heads]);
    return this.#run(this.lane.prefill, [0], this.prompt.ids, this.prompt.prefix ?? new Float32Array(0), request);
  }

  async step(parents: readonly number[], tokens: readonly number[], request: StepRequest): Promise<StepOutput> {
    if (this.#rivals) {
      await this.#settle(parents);
      parents = parents.map(() => 0);
    }
    return this.#run(this.lane.step, parents, tokens, new Float32Array(0), request);
  }

  again(rows: readonly number[], request: StepRequest): Promise<StepOutput> {
    const before = this.#before;
    if (!before)
      throw new StudioError('internal', 'Only a step that asked for the distributions of some rows can be made again.');
    this.#before = undefined;
    this.#clear();
    this.#past = before.past;
    this.#length = before.length;
    this.#rows = before.rows;
    return this.step(
      rows.map((row) => before.parents[row]!),
      rows.map((row) => before.tokens[row]!),
      request,
    );
  }

  dispose(): void {
    this.#clear();
    this.#pick.dispose();
  }

  #clear(): void {
    for (const tensor of [...Object.values(this.#past), ...Object.values(this.#before?.past ?? {})]) tensor.dispose();
    this.#past = {};
    this.#before = undefined;
    this.#length = 0;
    this.#rivals = 0;
    this.#rows = [];
  }

  /** After a step of rivals: the one that goes on is the only row. */
  async #settle(parents: readonly number[]): Promise<void> {
    const winner = parents[0]!;
    if (parents.some((parent) => parent !== winner))
      throw new StudioError('internal', 'Of rivals only one goes on, and a step named several.');
    const kept = [...Array.from({ length: this.#length }, (_, i) => i), this.#length + winner];
    const settled = await this.#pick.of(this.#past, kept, this.lane.step);
    for (const tensor of Object.values(this.#past)) tensor.dispose();
    this.#past = settled;
    this.#rows = [this.#rows[winner]!];
    this.#length++;
    this.#rivals = 0;
  }

  async #run(
    lane: Runner,
    parents: readonly number[],
    tokens: readonly number[],
    prefix: Float32Array,
    request: StepRequest,
  ): Promise<StepOutput> {
    const { runtime, session } = this;
    // Rivals are tokens of one sequence that see its cache and themselves, where the graph is told who sees whom.
    const asOne = request.rivals === true && parents.length > 1 && session.inputs.includes('attention_bias');
    const continued = asOne ? parents.slice(0, 1) : parents;
    const rows = continued.length;
    const slots = prefix.length / this.shape.width / rows;
    const fresh = slots + tokens.length / rows;
    const total = this.#length + fresh;
    const k = Math.min(request.k, this.vocabulary);
    const headRows = request.headRows ?? parents.map((_, row) => row);
    const long = (values: readonly number[], dims: readonly number[]) =>
      runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
    const offered: Record<string, () => Tensor> = {
      prefix_embeds: () => runtime.tensor('float32', prefix, [rows, slots, this.shape.width]),
      input_ids: () => long(tokens, [rows, tokens.length / rows]),
      position_ids: () =>
        long(
          Array.from({ length: fresh }, (_, i) => this.#length + (asOne ? 0 : i)),
          [fresh],
        ),
      attention_bias: () =>
        runtime.tensor('float32', (asOne ? rivalBias : causalBias)(this.#length, fresh), [1, 1, fresh, total]),
      told_tokens: () =>
        long(
          parents.map((_, row) => (asOne ? row : (row + 1) * fresh - 1)),
          [parents.length],
        ),
      beam_index: () => long(continued, [rows]),
      seqlens_k: () => runtime.tensor('int32', new Int32Array(rows).fill(total - 1), [rows]),
      total_sequence_length: () => runtime.tensor('int32', Int32Array.of(total), []),
      photo_rows: () => long([1, -1, this.shape.width], [3]),
      head_rows: () => long(headRows, [headRows.length]),
      k: () => long([k], [1]),
      temperature: () => runtime.tensor('float32', Float32Array.of(request.temperature ?? 1), [1]),
    };
    const made: Record<string, Tensor> = {};
    for (const [name, make] of Object.entries(offered)) if (session.inputs.includes(name)) made[name] = make();
    const each = tokens.length / rows;
    const grown = parents.map((parent, row) => [
      ...(this.#rows[parent] ?? []),
      ...tokens.slice(row * each, (row + 1) * each),
    ]);
    Object.assign(
      made,
      paddingMaskFeed(session, runtime, () => grown, fresh),
    );
    const fetches = session.outputs.filter((name) => request.hidden || name !== 'last_hidden');
    for (const tensor of Object.values(this.#before?.past ?? {})) tensor.dispose();
    this.#before = undefined;
    if (!request.headRows) for (const tensor of Object.values(this.#past)) tensor.spend?.();
    let outputs: Record<string, Tensor>;
    try {
      outputs = await lane.run(session, { ...this.#past, ...made, ...this.prompt.constants }, fetches);
    } finally {
      for (const tensor of Object.values(made)) tensor.dispose();
    }
    if (request.headRows) this.#before = { past: this.#past, length: this.#length, rows: this.#rows, parents, tokens };
    else for (const tensor of Object.values(this.#past)) tensor.dispose();
    this.#past = asPast(outputs);
    const plain = Object.fromEntries(Object.entries(outputs).filter(([name]) => !name.startsWith('present_')));
    this.#rivals = asOne ? fresh : 0;
    this.#length = total - this.#rivals;
    this.#rows = grown;
    try {
      const floats = async (name: string) => Float32Array.from((await plain[name]!.read()) as Float32Array);
      // A graph without the input tells of every row.
      const whole = request.headRows !== undefined && !session.inputs.includes('head_rows');
      const told = (values: Float32Array | Int32Array, width: number): ArrayLike<number> =>
        whole ? headRows.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)]) : values;
      return {
        rows: headRows.length,
        k,
        logProbs: Float32Array.from(told(await floats('top_log_probs'), k)),
        ids: Int32Array.from(told(Int32Array.from((await plain.top_ids!.read()) as BigInt64Array, Number), k)),
        entropy: Float32Array.from(told(await floats('entropy'), 1)),
        ...(plain.largest_logit ? { largestLogit: Float32Array.from(told(await floats('largest_logit'), 1)) } : {}),
        ...(request.hidden ? { hidden: await floats('last_hidden') } : {}),
      };
    } finally {
      for (const tensor of Object.values(plain)) tensor.dispose();
    }
  }
}
