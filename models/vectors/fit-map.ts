import { StudioError } from '../errors';
import { seeded } from '../random';
import { norm } from '../spaces/embedding';
import { type LinearMap, mapped, PairSums, ridge } from './ridge';

export type Pair = { from: Float32Array; to: Float32Array };
export type FittedMap = {
  map: LinearMap;
  pairs: number;
  lambda: number;
  /** Mean cosine of mapped vectors with those they should be, of pairs that neither the map nor λ was chosen by. */
  heldOutCosine: number;
  /** How many pairs that is of. */
  heldOut: number;
  /** The same of always answering the mean of the others: what a map must be above to be worth anything. */
  meanCosine: number;
  /** Share of the held-out vectors whose mapped ones are nearest to their own partner among all held out. */
  heldOutRecall1: number;
  /** What a person should know of it. */
  notes: string[];
};

/** Fewer say nothing that would hold for others. */
const fewest = 20;
const lambdas = [1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1, 3, 10];

/**
 * A linear map from a foreign space, fitted on vectors of the same things in both (ridge regression between rows at
 * norm 1). A tenth of the pairs (1,000 at most), drawn by a fixed seed, is held out to tell how good it is, and a fifth
 * (2,000) to choose λ; the map itself is of all pairs. @throws option-invalid (too few pairs)
 */
export function fitMap(pairs: readonly Pair[], onProgress?: (what: string) => void): FittedMap {
  if (pairs.length < fewest)
    throw new StudioError(
      'option-invalid',
      `There are ${pairs.length} pairs; a map is fitted on ${fewest} at least, and on ten times as many as vectors have values where it is to be good. Embed more of the same things in both spaces.`,
    );
  const [from, to] = [pairs[0]!.from.length, pairs[0]!.to.length];
  const unit = (v: Float32Array) => {
    const length = norm(v);
    return v.map((value) => value / length);
  };
  const rows = pairs.map((pair) => ({ x: unit(pair.from), y: unit(pair.to) }));
  const order = shuffled(pairs.length);
  const tested = Math.min(1000, Math.ceil(pairs.length / 10));
  const chosen = tested + Math.min(2000, Math.ceil(pairs.length / 5));
  const part = (begin: number, end?: number) => order.slice(begin, end).map((i) => rows[i]!);
  const [test, choice, train] = [part(0, tested), part(tested, chosen), part(chosen)];
  const sumsOf = (some: readonly { x: Float32Array; y: Float32Array }[]) => {
    const sums = new PairSums(from, to);
    for (const { x, y } of some) sums.add(x, y);
    return sums;
  };
  onProgress?.(`reading ${pairs.length} pairs`);
  const [ofTrain, ofChoice, ofTest] = [sumsOf(train), sumsOf(choice), sumsOf(test)];
  let best = { lambda: NaN, cosine: -Infinity };
  for (const lambda of lambdas) {
    onProgress?.(`trying lambda ${lambda}`);
    const cosine = mean(cosinesOf(ridge(ofTrain, lambda), choice));
    if (cosine > best.cosine) best = { lambda, cosine };
  }
  const known = ofTrain.plus(ofChoice);
  const tried = ridge(known, best.lambda);
  const cosines = cosinesOf(tried, test);
  const heldOutCosine = mean(cosines);
  const always = { from, to, weight: new Float64Array(from * to), bias: known.y.map((v) => v / known.count) };
  const plain = cosinesOf(always, test);
  const baseline = mean(plain);
  const gain = cosines.map((cosine, i) => cosine - plain[i]!);
  const notes = [];
  if (pairs.length < 3 * from)
    notes.push(
      `${pairs.length} pairs are few for vectors of ${from} values: expect more of ${10 * from}. The held-out cosine says how far it carries.`,
    );
  if (mean(gain) < Math.max(0.02, 2 * standardError(gain)))
    notes.push(
      `The map hardly does better (${heldOutCosine.toFixed(3)}) than always answering the mean (${baseline.toFixed(3)}): the pairs may not belong together, or be too few.`,
    );
  return {
    map: ridge(known.plus(ofTest), best.lambda),
    pairs: pairs.length,
    lambda: best.lambda,
    heldOutCosine,
    heldOut: test.length,
    meanCosine: baseline,
    heldOutRecall1: recall1(tried, test),
    notes,
  };
}

function shuffled(count: number): number[] {
  const random = seeded(1);
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function cosineOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return dot / Math.sqrt(aa * bb) || 0;
}

type Row = { x: Float32Array; y: Float32Array };
const cosinesOf = (map: LinearMap, rows: readonly Row[]) => rows.map(({ x, y }) => cosineOf(mapped(map, x), y));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
/** Of a mean; large where there are too few values to tell. */
const standardError = (values: readonly number[]) =>
  Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1) / values.length,
  ) || 0;

function recall1(map: LinearMap, rows: readonly Row[]): number {
  const right = rows.filter(({ x }, i) => {
    const there = mapped(map, x);
    const own = cosineOf(there, rows[i]!.y);
    return rows.every(({ y }, j) => j === i || cosineOf(there, y) < own);
  });
  return right.length / rows.length;
}
