import type { EventOf, Insight } from '../events';
import type { Family } from '../weights/family';
import type { DecoderContext } from './types';

/**
 * A prefix [slots, width] read as words: the rows of the token table nearest to each slot by cosine. A reading aid, not a caption: slots
 * lie between the words that they steer. Special tokens and bytes that are no text are left out.
 */
export async function nearestWords(prefix: Float32Array, family: Family, decoder: string, count = 5): Promise<Extract<Insight, { kind: 'prefix' }>> {
  const { width, tokenizer: key } = family.languageModel(decoder);
  const [{ values, norms }, tokenizer] = await Promise.all([tokenTable(family, decoder), family.tokenizer(key)]);
  const rows = norms.length;
  const slots = Array.from({ length: prefix.length / width }, (_, s) => {
    const slot = prefix.subarray(s * width, (s + 1) * width);
    const norm = Math.hypot(...slot);
    const cosines = new Float32Array(rows);
    for (let row = 0; row < rows; row++) {
      let dot = 0;
      for (let i = 0, at = row * width; i < width; i++) dot += slot[i]! * values[at + i]!;
      cosines[row] = dot / (norm * norms[row]! || 1);
    }
    const order = Array.from(cosines.keys()).sort((a, b) => cosines[b]! - cosines[a]!);
    const words: { id: number; text: string; cosine: number }[] = [];
    for (const id of order) {
      const text = tokenizer.token(id);
      if (/[\p{L}\p{N}]/u.test(text)) words.push({ id, text, cosine: Math.round(cosines[id]! * 1e4) / 1e4 });
      if (words.length === count) break;
    }
    return { norm: Math.round(norm * 1e3) / 1e3, words };
  });
  return { kind: 'prefix', slots };
}

/** The event that tells how a lane's prefix reads. */
export async function prefixInsight(prefix: Float32Array, { lane, family, decoder }: DecoderContext): Promise<EventOf<'insight'>> {
  return { type: 'insight', lane, insight: await nearestWords(prefix, family, decoder) };
}

type Table = { values: Float32Array; norms: Float32Array };
const tables = new WeakMap<Family, Map<string, Promise<Table>>>();

/** A language model's token table with the length of each row. */
function tokenTable(family: Family, decoder: string): Promise<Table> {
  const own = tables.get(family) ?? new Map<string, Promise<Table>>();
  tables.set(family, own);
  // The embedded family's language models share one.
  const key = family.manifest.graphs ? decoder : '';
  let table = own.get(key);
  if (!table) {
    table = family.tokenTable(decoder).then(({ values, rows, width }) => ({ values, norms: Float32Array.from({ length: rows }, (_, row) => Math.hypot(...values.subarray(row * width, (row + 1) * width))) }));
    own.set(key, table);
    table.catch(() => own.delete(key));
  }
  return table;
}
