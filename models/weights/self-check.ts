import * as z from 'zod';
import { StudioError } from '../errors';
import type { Precision, Runtime, Session, Tensor } from '../runtime/types';
import { causalBias } from '../spaces/attention-bias';
import { paddingMaskFeed } from '../spaces/padding-mask';
import { sizes } from '../graphs/settings';
import type { GraphSpec } from '../graphs/spec';
import { graphOf } from './graphs';
import { languageModelOf, type Manifest, textTowerOf } from '../manifest';

/**
 * Graph → output → values at evenly spaced places, as fp32 on the CPU gives them for `checkFeeds`. `GRAPH@q8` holds
 * those of the graph at
 * 8 bit, where they were stored: weights with outliers stray at 8 bit by more than a wrong kernel may.
 */
export const selfCheckSchema = z.record(z.string(), z.record(z.string(), z.array(z.number())));
export type SelfCheck = z.infer<typeof selfCheckSchema>;

/** @throws weights-invalid when the file holds no golden answers */
export function parseSelfCheck(bytes: Uint8Array, family: string): SelfCheck {
  try {
    return selfCheckSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new StudioError(
      'weights-invalid',
      `The self-check of ${family} is not what was expected: JSON of graphs, their outputs and the numbers of each. Take selfCheck out of the manifest's files to have it computed anew, or fetch the family again.`,
      { cause },
    );
  }
}

const samples = 24;
/**
 * Greatest error allowed, as a share of the output's largest value. A wrong kernel is off by far more, a lower
 * precision by less.
 */
export const selfCheckTolerance: Record<Precision, number> = { fp32: 1e-3, fp16: 2e-2, q8: 6e-2 };
/**
 * Integers tell little about a kernel, and the largest logit comes of the product that the log-probabilities tell of.
 * Caches stay on the device; the second run reads them.
 */
export const ignoredOutputs = /^(top_ids|largest_logit)$/;

/**
 * A small golden input for any graph of the studio, told from the names of its inputs; with `past` a step of two beams
 * after it. Values
 * are near unit variance.
 */
function checkFeeds(
  graph: string,
  session: Session,
  runtime: Runtime,
  manifest: Manifest,
  past?: Record<string, Tensor>,
): Record<string, Tensor> {
  const { space } = manifest;
  const spec = graphOf(manifest, graph);
  const { heads, width } = spec.cache ?? textTowerOf(manifest);
  const wave = (n: number, scale = 1) =>
    Float32Array.from({ length: n }, (_, i) => scale * Math.sin(0.7 + i * 12.9898));
  const real = (dims: number[], values: Float32Array = wave(dims.reduce((a, b) => a * b, 1))) =>
    runtime.tensor('float32', values, dims);
  const long = (values: number[], dims: number[] = [values.length]) =>
    runtime.tensor('int64', BigInt64Array.from(values, BigInt), dims);
  const isTower = session.inputs.includes('input_ids') && session.outputs.includes('embedding');
  const rows = past ? 2 : 1;
  const word = (id: number) => id % vocabularyOf(manifest, spec);
  const sizeOf = (name: string) => sizes(spec.settings, name)[name]!;
  // A decoder's own image tower may read larger photos than its space's.
  const side = spec.settings.size === undefined ? space.image.size : sizeOf('size');
  const end = spec.pooled ?? space.text.classToken ?? space.text.eos;
  const first = isTower
    ? [space.text.bos, word(300), end]
    : session.inputs.includes('input_ids')
      ? [languageModelOf(manifest, spec.decoder).bos, word(300), word(77)]
      : [0, 300, 77];
  const ids = past ? [301, 78].flatMap((id) => (isTower ? [word(id), end] : [word(id)])) : first;
  const fresh = ids.length / rows;
  const before = past ? first.length : 0;
  const make: Record<string, () => Tensor> = {
    pixels: () => real([1, 3, side, side]),
    embedding: () => real([1, space.dim], wave(space.dim, space.dim ** -0.5 * Math.SQRT2)),
    grid: () => {
      const dims = [1, sizeOf('tokens'), sizeOf('channels')];
      return real(dims, wave(dims[1]! * dims[2]!).map(Math.abs));
    },
    image_tokens: () => real([1, sizeOf('imageTokens'), width]),
    prefix_embeds: () => real([rows, 0, width], new Float32Array(0)),
    input_ids: () => long(ids, [rows, fresh]),
    position_ids: () => long(Array.from({ length: fresh }, (_, i) => before + i)),
    attention_bias: () => runtime.tensor('float32', causalBias(before, fresh), [1, 1, fresh, before + fresh]),
    told_tokens: () => long(Array.from({ length: rows }, (_, row) => row * fresh + fresh - 1)),
    head_rows: () => long(Array.from({ length: rows }, (_, row) => row)),
    beam_index: () => long(Array.from({ length: rows }, () => 0)),
    seqlens_k: () => runtime.tensor('int32', new Int32Array(rows).fill(before + fresh - 1), [rows]),
    total_sequence_length: () => runtime.tensor('int32', Int32Array.of(before + fresh), []),
    photo_rows: () => long([1, -1, width]),
    k: () => long([8]),
    temperature: () => real([1], Float32Array.of(1)),
  };
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputs) {
    if (past?.[name]) feeds[name] = past[name];
    else if (make[name]) feeds[name] = make[name]();
    else if (/^past_(key|value)\./.test(name))
      feeds[name] =
        session.inputType(name) === 'float16'
          ? runtime.tensor('float16', new Uint16Array(0), [1, heads, 0, width / heads])
          : real([1, heads, 0, width / heads], new Float32Array(0));
    else if (/^cross_(key|value)\./.test(name)) feeds[name] = real([1, heads, sizeOf('imageTokens'), width / heads]);
    else if (name !== 'attention_mask') throw new StudioError('internal', `The self-check knows no input ${name}.`);
  }
  const whole = Array.from({ length: rows }, (_, row) => [
    ...(past ? first : []),
    ...ids.slice(row * fresh, (row + 1) * fresh),
  ]);
  Object.assign(
    feeds,
    paddingMaskFeed(session, runtime, () => whole, fresh),
  );
  return feeds;
}

/**
 * Runs a graph on its golden input, and where it keeps a cache a step of two beams after it. @returns sampled values of
 * each output
 */
export async function runCheck(
  graph: string,
  session: Session,
  runtime: Runtime,
  manifest: Manifest,
): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {};
  const run = async (prefix: string, past?: Record<string, Tensor>): Promise<Record<string, Tensor>> => {
    const feeds = checkFeeds(graph, session, runtime, manifest, past);
    try {
      const outputs = await session.run(feeds);
      const cache: Record<string, Tensor> = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        if (name.startsWith('present_')) {
          cache[name.replace('present', 'past')] = tensor;
          continue;
        }
        if (!ignoredOutputs.test(name))
          values[prefix + name] = sample(Array.from((await tensor.read()) as Float32Array));
        tensor.dispose();
      }
      return cache;
    } finally {
      for (const tensor of Object.values(feeds)) tensor.dispose();
    }
  };
  const cache = await run('');
  if (Object.keys(cache).length) for (const tensor of Object.values(await run('step ', cache))) tensor.dispose();
  return values;
}

/**
 * Compares a session with the stored values: some pairs of GPU and data type answer wrongly without an error.
 * @throws device-wrong, naming device, graph and how far it is off
 */
export async function selfCheck(
  graph: string,
  session: Session,
  runtime: Runtime,
  precision: Precision,
  manifest: Manifest,
  expected: SelfCheck,
): Promise<void> {
  const wanted = expected[answerName(graph, precision)] ?? expected[graph];
  if (!wanted) return;
  const found = await runCheck(graph, session, runtime, manifest);
  for (const [output, values] of Object.entries(wanted)) {
    const scale = Math.max(...values.map(Math.abs)) || 1;
    const actual = found[output] ?? [];
    const errors = values.map((value, i) => Math.abs(value - (actual[i] ?? NaN)) / scale);
    const worst = errors.every(Number.isFinite) ? Math.max(...errors) : Infinity;
    if (worst <= selfCheckTolerance[precision]) continue;
    const { name, adapter } = runtime.device;
    throw new StudioError(
      'device-wrong',
      `${name}${adapter ? ` (${adapter})` : ''} computes ${graph} wrongly at ${precision}: ` +
        `${output} is off by ${Number.isFinite(worst) ? `${(100 * worst).toFixed(1)} %` : 'not-a-number'}, allowed are ${100 * selfCheckTolerance[precision]} %. ` +
        `It is not used at this precision: choose another device for the lane, and update the graphics driver.`,
      { details: { graph, output, worst } },
    );
  }
}

/** Under which a graph's answers are stored. */
export const answerName = (graph: string, precision: Precision): string => (precision === 'q8' ? `${graph}@q8` : graph);

/** Tokens that a graph knows. */
function vocabularyOf(manifest: Manifest, { settings: { vocabulary }, decoder }: GraphSpec): number {
  return typeof vocabulary === 'number' ? vocabulary : languageModelOf(manifest, decoder).vocabulary;
}

function sample(values: readonly number[]): number[] {
  const count = Math.min(samples, values.length);
  return Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)]!);
}
