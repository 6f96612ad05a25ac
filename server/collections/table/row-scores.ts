import { calledOf } from '../../../kept/captions/join';
import { matchImages, namedBy } from '../../../kept/captions/match';
import type { TableReferences, TableRow } from '../../../kept/collections/table';
import { ciderD, type DocumentFrequencies, documentFrequencies } from '../../../models/metrics/cider';
import { ptbTokens, ptbTokensOfAll } from '../../../models/metrics/ptb-tokenizer';
import { rougeL } from '../../../models/metrics/rouge-l';
import type { References } from '../run/references';

const named = 20;
const digits = 1e4;
const round = (value: number) => Math.round(value * digits) / digits;

/**
 * Rows beside the references of their photos, joined by name or id as `score` joins files; document frequencies are of
 * the references of these rows. A row is scored when it is asked for.
 */
export class RowScores {
  readonly told: TableReferences;
  readonly #captions = new Map<string, { texts: readonly string[]; words: readonly (readonly string[])[] }>();
  readonly #frequencies: DocumentFrequencies;
  readonly #scored = new WeakMap<TableRow, TableRow>();

  constructor(rows: readonly TableRow[], { file, images, notes }: References) {
    const { found } = matchImages(
      rows.map(({ key }) => namedBy(key)),
      images,
    );
    const pairs = rows.flatMap(({ key }, i) =>
      found[i] === undefined ? [] : [[key, images[found[i]]!.captions] as const],
    );
    const words = ptbTokensOfAll(pairs.flatMap(([, captions]) => captions));
    let next = 0;
    for (const [key, texts] of pairs) this.#captions.set(key, { texts, words: texts.map(() => words[next++]!) });
    this.#frequencies = documentFrequencies(
      [...this.#captions.values()].map((captions) => ({ candidate: [], references: captions.words })),
    );
    const used = new Set(found);
    const unknown = images.filter((_, i) => !used.has(i));
    this.told = {
      file,
      photos: pairs.length,
      without: rows.length - pairs.length,
      unknown: unknown.slice(0, named).map(calledOf),
      unknownCount: unknown.length,
      notes: [...notes],
    };
  }

  /** The row with its references, and what its captions are worth by them; as it is where it has none. */
  scored(row: TableRow): TableRow {
    const references = this.#captions.get(row.key);
    if (!references) return row;
    let scored = this.#scored.get(row);
    if (scored) return scored;
    const cells = row.cells.map((cell) => {
      if (cell.caption === undefined) return cell;
      const item = { candidate: ptbTokens(cell.caption), references: references.words };
      return { ...cell, ciderD: round(ciderD([item], this.#frequencies)[0]!), rougeL: round(rougeL(item)) };
    });
    scored = { ...row, cells, references: references.texts };
    this.#scored.set(row, scored);
    this.#scored.set(scored, scored);
    return scored;
  }
}
