import type { EventOf, Insight } from '../events';
import type { GraphName } from '../graphs/spec';
import type { DecoderContext, DecoderFamily } from './types';

/**
 * A prefix [slots, width] read as words: the rows of the token table nearest to each slot by cosine. A reading aid, not
 * a caption: slots
 * lie between the words that they steer. Special tokens and bytes that are no text are left out.
 */
export async function nearestWords(
  prefix: Float32Array,
  family: DecoderFamily,
  decoder: string,
  graph: GraphName,
  count = 5,
): Promise<Extract<Insight, { kind: 'prefix' }>> {
  const { width, tokenizer: key } = family.languageModel(decoder);
  const [{ values, norms }, tokenizer] = await Promise.all([tokenTable(family, graph), family.tokenizer(key)]);
  const rows = norms.length;
  const slots = Array.from({ length: prefix.length / width }, (_, s) => {
    const slot = prefix.subarray(s * width, (s + 1) * width);
    const norm = lengths(slot, width)[0]!;
    const cosines = new Float32Array(rows);
    for (let row = 0; row < rows; row++) cosines[row] = product(slot, values, row * width) / (norm * norms[row]! || 1);
    const words: { id: number; text: string; cosine: number }[] = [];
    // A reader sees the first few of thousands: the next best is looked for each time, instead of all being sorted.
    for (let left = rows; left && words.length < count; left--) {
      const id = greatest(cosines);
      const text = tokenizer.token(id);
      if (/[\p{L}\p{N}]/u.test(text)) words.push({ id, text, cosine: Math.round(cosines[id]! * 1e4) / 1e4 });
      cosines[id] = -Infinity;
    }
    return { norm: Math.round(norm * 1e3) / 1e3, words };
  });
  return { kind: 'prefix', slots };
}

/** Has the token table read while the search runs, for a lane whose prefix will be read as words. */
export function expectWords(graph: GraphName, { family }: DecoderContext): void {
  tokenTable(family, graph).catch(() => undefined);
}

/** The event that tells how a lane's prefix reads. */
export async function prefixInsight(
  prefix: Float32Array,
  graph: GraphName,
  { lane, family, decoder }: DecoderContext,
): Promise<EventOf<'insight'>> {
  return { type: 'insight', lane, insight: await nearestWords(prefix, family, decoder, graph) };
}

type Table = { values: Float32Array; norms: Float32Array };
const tables = new WeakMap<DecoderFamily, Map<string, Promise<Table>>>();

/** A language model's token table with the length of each row. */
function tokenTable(family: DecoderFamily, graph: GraphName): Promise<Table> {
  const own = tables.get(family) ?? new Map<string, Promise<Table>>();
  tables.set(family, own);
  // Language models may share one.
  const { files, tokenTable: name } = family.graph(graph);
  const key = `${files.at(-1)} ${name}`;
  let table = own.get(key);
  if (!table) {
    table = family.tokenTable(graph).then(({ values, width }) => ({ values, norms: lengths(values, width) }));
    own.set(key, table);
    table.catch(() => own.delete(key));
  }
  return table;
}

/** Length of each row of [rows, width]. */
function lengths(values: Float32Array, width: number): Float32Array {
  const out = new Float32Array(values.length / width);
  for (let row = 0, i = 0; row < out.length; row++) {
    let sum = 0;
    for (const end = i + width; i < end; i++) sum += values[i]! * values[i]!;
    out[row] = Math.sqrt(sum);
  }
  return out;
}

/** Of a vector with the row of a table that begins at `at`. */
function product(vector: Float32Array, table: Float32Array, at: number): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * table[at + i]!;
  return sum;
}

/** Place of the greatest value, the first of equals. */
function greatest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
