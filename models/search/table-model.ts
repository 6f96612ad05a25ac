// Test support: a language model that is a table, so that searches can be checked by hand and by brute force.
import { randomNormal, seeded } from '../random';
import type { SearchInput, StepModel, StepOutput, StepRequest } from './types';

/** Log-probabilities of every next token after a sequence, [vocabulary]. */
export type NextTable = (tokens: readonly number[]) => Float64Array;

/** A random but fixed table: the same sequence always gives the same numbers. Token 0 ends. */
export function randomTable(vocabulary: number, seed: number, sharpness = 1.5): NextTable {
  return (tokens) => {
    const random = seeded(
      tokens.reduce((hash, token) => Math.imul(hash ^ (token + 1), 0x9e3779b1), seed + tokens.length * 7919),
    );
    return normalised(Array.from({ length: vocabulary }, () => randomNormal(random) * sharpness));
  };
}

export function normalised(logits: readonly number[], temperature = 1): Float64Array {
  const scaled = logits.map((logit) => logit / temperature);
  const largest = Math.max(...scaled);
  const total = Math.log(scaled.reduce((sum, l) => sum + Math.exp(l - largest), 0)) + largest;
  return Float64Array.from(scaled, (l) => l - total);
}

export class TableModel implements StepModel {
  readonly endToken = 0;
  rows: number[][] = [];
  runs = 0;
  repeats = 0;
  disposed = false;
  /** Whether only one of the rows may go on. */
  private rivals = false;

  constructor(
    private readonly table: NextTable,
    readonly vocabulary: number,
    readonly maxNewTokens = 12,
  ) {}

  async prefill(request: StepRequest): Promise<StepOutput> {
    this.rows = [[]];
    this.rivals = false;
    return this.answer(request);
  }
  async step(parents: readonly number[], tokens: readonly number[], request: StepRequest): Promise<StepOutput> {
    if (this.rivals && new Set(parents).size > 1) throw new Error('Two rivals go on.');
    this.rivals = request.rivals === true;
    this.rows = parents.map((parent, r) => [...this.rows[parent]!, tokens[r]!]);
    return this.answer(request);
  }
  async again(rows: readonly number[], request: StepRequest): Promise<StepOutput> {
    this.repeats++;
    this.rows = rows.map((row) => this.rows[row]!);
    return this.answer(request);
  }
  dispose(): void {
    this.disposed = true;
  }

  private answer({ k: wanted, temperature = 1, hidden, headRows }: StepRequest): StepOutput {
    this.runs++;
    const k = Math.min(wanted, this.vocabulary);
    const told = headRows?.map((row) => this.rows[row]!) ?? this.rows;
    const sorted = told.map((row) =>
      Array.from(normalised([...this.table(row)], temperature), (logProb, id) => ({ id, logProb })).sort(
        (a, b) => b.logProb - a.logProb,
      ),
    );
    return {
      rows: told.length,
      k,
      logProbs: Float32Array.from(sorted.flatMap((row) => row.slice(0, k).map(({ logProb }) => logProb))),
      ids: Int32Array.from(sorted.flatMap((row) => row.slice(0, k).map(({ id }) => id))),
      entropy: Float32Array.from(
        sorted,
        (row) => -row.reduce((sum, { logProb }) => sum + Math.exp(logProb) * logProb, 0),
      ),
      // A state that depends on the last token only: equal tokens have cosine 1.
      ...(hidden
        ? {
            hidden: Float32Array.from(
              this.rows.flatMap((row) => [Math.cos(row[row.length - 1] ?? 0), Math.sin(row[row.length - 1] ?? 0)]),
            ),
          }
        : {}),
    };
  }
}

/** Captions are the token numbers joined by spaces. */
export function searchInput(model: StepModel, more: Partial<SearchInput> = {}): SearchInput {
  return {
    model,
    text: { decode: (ids) => ids.join(' '), token: (id) => ` ${id}` },
    similarity: async (captions) => captions.map(() => 0),
    maxTokens: 6,
    alternatives: 4,
    lane: 'test',
    ...more,
  };
}

/** Runs a search to its end. */
export async function finish<E, R>(search: AsyncGenerator<E, R, void>): Promise<{ events: E[]; result: R }> {
  const events: E[] = [];
  for (;;) {
    const { value, done } = await search.next();
    if (done) return { events, result: value };
    events.push(value);
  }
}
