import { StudioError } from '../errors';
import type { Runtime, Session, Tensor, TensorData } from '../runtime/types';
import { SharedRows, Whole, wholeOf } from './shared-rows';

/** A run as somebody asks for it. */
export type Run = { session: Session; feeds: Record<string, Tensor>; fetches?: readonly string[] };
type Runs = readonly Run[];

/**
 * What the inputs of a graph are to a batch (models/networks). `rows`: the first axis counts rows. `alike`: one for all
 * rows. `past`: a cache, of which `beam_index` says the row that each row continues. `photo`: one for all rows of a
 * photo. `photos`: a shape that begins with how many photos there are.
 */
type Role = 'rows' | 'alike' | 'past' | 'parents' | 'tokens' | 'heads' | 'photo' | 'photos';
const roles: readonly [RegExp, Role][] = [
  [/^(pixels|grid|image_tokens|embedding|prefix_embeds|input_ids|seqlens_k|attention_mask)$/, 'rows'],
  [/^(position_ids|attention_bias|k|temperature|total_sequence_length)$/, 'alike'],
  [/^past_(key|value)\.\d+$/, 'past'],
  [/^beam_index$/, 'parents'],
  [/^told_tokens$/, 'tokens'],
  [/^head_rows$/, 'heads'],
  [/^cross_(key|value)\.\d+$/, 'photo'],
  [/^photo_rows$/, 'photos'],
];
const roleOf = (name: string) => roles.find(([pattern]) => pattern.test(name))?.[1];
/** Outputs with a row for each of `head_rows`, and for each of `told_tokens`, where a graph has those inputs. */
const byHead = /^(top_log_probs|top_ids|entropy|largest_logit)$/;
const byTold = /^last_hidden$/;

/**
 * What two runs have in common that can be one; undefined for a run that stands alone. Reads what is one for all rows.
 */
export async function likeness({ session, feeds, fetches }: Run): Promise<string | undefined> {
  const parts: string[] = [fetches ? [...fetches].join() : ''];
  for (const name of session.inputs) {
    const [role, tensor] = [roleOf(name), feeds[name]];
    if (!role || !tensor) return undefined;
    const { dims } = tensor;
    // A tree of texts is one row whatever it holds, and tells of many tokens: its likes are rare.
    if (role === 'alike') parts.push(`${name} ${dims.join()} ${checksum(await tensor.read())}`);
    else if (role === 'rows' || role === 'past' || role === 'photo') parts.push(`${name} ${dims.slice(1).join()}`);
  }
  return parts.join('|');
}

/** FNV-1a over the bytes, with the number of them. */
function checksum(values: TensorData): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytes.length} ${hash >>> 0}`;
}

/** Runs of one likeness made one; the caller runs `feeds`, and gives each its part of the outputs by `split`. */
export type Merged = {
  feeds: Record<string, Tensor>;
  split(outputs: Record<string, Tensor>): Record<string, Tensor>[];
  /** Frees what was made for it. */
  dispose(): void;
};

export async function merge(runs: Runs, runtime: Runtime): Promise<Merged> {
  const { session } = runs[0]!;
  const made: Tensor[] = [];
  const own = (tensor: Tensor): Tensor => {
    made.push(tensor);
    return tensor;
  };
  const tensorOf = (like: Tensor, data: TensorData, rows: number) =>
    own(runtime.tensor(like.type, data, [rows, ...like.dims.slice(1)]));
  const inputs = session.inputs.filter((name) => runs[0]!.feeds[name]);
  const named = (role: Role) => inputs.filter((name) => roleOf(name) === role);
  const counted = named('rows')[0] ?? named('parents')[0];
  if (!counted) throw new StudioError('internal', `Runs of ${inputs.join(', ')} have no rows to put together.`);
  const rows = runs.map(({ feeds }) => feeds[counted]!.dims[0]!);
  // Of one photo all rows are queries of one sequence (models/networks), so photos need as many rows each.
  const each = named('photo').length ? rows.map(() => Math.max(...rows)) : rows;
  const starts = prefixSums(each);
  const total = each.reduce((sum, n) => sum + n, 0);
  const feeds: Record<string, Tensor> = {};
  const of = (name: string) => runs.map((run) => run.feeds[name]!);

  for (const name of named('alike')) feeds[name] = await real(of(name)[0]!, runtime, own);
  for (const name of named('rows')) feeds[name] = await stacked(of(name), each);
  for (const name of named('photo'))
    feeds[name] = await stacked(
      of(name),
      of(name).map(() => 1),
    );
  for (const name of named('photos')) {
    const [, ...rest] = (await of(name)[0]!.read()) as BigInt64Array;
    feeds[name] = own(runtime.tensor('int64', BigInt64Array.from([BigInt(runs.length), ...rest]), [3]));
  }

  const parents = named('parents')[0];
  if (parents) {
    const past = named('past');
    const from = past.length ? await pastOf(past) : rows.map(() => 0);
    const told = await Promise.all(of(parents).map((tensor) => tensor.read()));
    const index = new BigInt64Array(total);
    told.forEach((values, m) => {
      for (let r = 0; r < each[m]!; r++)
        index[starts[m]! + r] =
          from[m] === undefined ? 0n : BigInt(from[m]!) + (values as BigInt64Array)[r < rows[m]! ? r : 0]!;
    });
    feeds[parents] = own(runtime.tensor('int64', index, [total]));
  }
  const fresh = inputs.includes('position_ids') ? runs[0]!.feeds.position_ids!.dims[0]! : 1;
  const toldCounts = await indexed(
    'told_tokens',
    starts.map((start) => start * fresh),
  );
  const headCounts = await indexed('head_rows', prefixSums(toldCounts ?? each));

  return {
    feeds,
    split: (outputs) => {
      const parts: Record<string, Tensor>[] = runs.map(() => ({}));
      for (const [name, tensor] of Object.entries(outputs)) {
        const counts = (byHead.test(name) && headCounts) || (byTold.test(name) && toldCounts) || undefined;
        const at = counts ? prefixSums(counts) : starts;
        const whole = new Whole(tensor, runs.length);
        runs.forEach((_, m) => (parts[m]![name] = new SharedRows(whole, at[m]!, counts?.[m] ?? rows[m]!)));
      }
      return parts;
    },
    dispose: () => made.forEach((tensor) => tensor.dispose()),
  };

  /** Rows one under the other, `counts` of each; where one has fewer, its first is repeated. */
  async function stacked(parts: readonly Tensor[], counts: readonly number[]): Promise<Tensor> {
    const whole = counts.every((n, m) => n === parts[m]!.dims[0]) ? wholeOf(parts) : undefined;
    if (whole) return whole;
    const values = await Promise.all(parts.map((part) => part.read()));
    const width = parts[0]!.dims.slice(1).reduce((product, n) => product * n, 1);
    const all = counts.reduce((sum, n) => sum + n, 0);
    const out = new (values[0]!.constructor as new (length: number) => TensorData)(all * width);
    let at = 0;
    values.forEach((part, m) => {
      out.set(part as never, at * width);
      for (let r = parts[m]!.dims[0]!; r < counts[m]!; r++) out.set(part.subarray(0, width) as never, (at + r) * width);
      at += counts[m]!;
    });
    return tensorOf(parts[0]!, out, all);
  }

  /** The cache that all continue, and where the rows of each begin in it; undefined: it is empty, any row will do. */
  async function pastOf(names: readonly string[]): Promise<(number | undefined)[]> {
    const [first] = of(names[0]!);
    if (first!.dims[2] === 0) {
      for (const name of names) feeds[name] = await real(of(name)[0]!, runtime, own);
      return rows.map(() => undefined);
    }
    const shared = of(names[0]!).every(
      (tensor) => tensor instanceof SharedRows && tensor.whole === (first as SharedRows).whole,
    );
    for (const name of names)
      feeds[name] = shared
        ? (of(name)[0] as SharedRows).whole.give(of(name) as SharedRows[])
        : await stacked(
            of(name),
            of(name).map(({ dims }) => dims[0]!),
          );
    return shared
      ? of(names[0]!).map((tensor) => (tensor as SharedRows).from)
      : prefixSums(of(names[0]!).map(({ dims }) => dims[0]!));
  }

  /** Indices of each, counted on from where its own begin. @returns how many each has */
  async function indexed(name: string, from: readonly number[]): Promise<number[] | undefined> {
    if (!inputs.includes(name)) return undefined;
    const told = (await Promise.all(of(name).map((tensor) => tensor.read()))) as BigInt64Array[];
    const index = told.flatMap((values, m) => [...values].map((value) => value + BigInt(from[m]!)));
    feeds[name] = own(runtime.tensor('int64', BigInt64Array.from(index), [index.length]));
    return told.map(({ length }) => length);
  }
}

/** A tensor that a session takes: rows of another are copied. */
export async function real(tensor: Tensor, runtime: Runtime, own: (made: Tensor) => Tensor): Promise<Tensor> {
  if (!(tensor instanceof SharedRows)) return tensor;
  return wholeOf([tensor]) ?? own(runtime.tensor(tensor.type, (await tensor.read()).slice(), tensor.dims));
}

const prefixSums = (counts: readonly number[]): number[] => {
  let sum = 0;
  return counts.map((n) => (sum += n) - n);
};
