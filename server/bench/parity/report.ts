import type { ModeName, Said } from './ours';

/** Of one mode: how many captions are the same, and whether they are worth comparing. */
export type Row = {
  mode: ModeName;
  n: number;
  tokensEqual: number;
  textEqual: number;
  /** Largest 1 - cosine of the embeddings that the mode reads. */
  embedding: number;
  /** Different tokens of a caption: the median. */
  distinctTokens: number;
  distinctCaptions: number;
  /** Captions that came to their end before the longest that the mode allows. */
  ended: number;
};
export type Report = {
  size: 'narrow' | 'full';
  rows: Row[];
  odd: { n: number; embedding: number; worst: string };
};

const longest: Record<string, number> = { clipcap: 67, capdec: 67, decap: 30, magic: 15, coca: 29 };

/** 1 - cosine of two embeddings. */
export function lost(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return Math.max(0, 1 - dot / Math.sqrt(aa * bb));
}

/** @param losses 1 - cosine of the photos' embeddings, as this mode cuts them */
export function rowOf(mode: ModeName, theirs: readonly Said[], ours: readonly Said[], losses: readonly number[]): Row {
  const count = (holds: (a: Said, b: Said) => boolean) => theirs.filter((one, i) => holds(one, ours[i]!)).length;
  const distinct = theirs.map(({ tokens }) => new Set(tokens).size).sort((a, b) => a - b);
  return {
    mode,
    n: theirs.length,
    tokensEqual: count((a, b) => a.tokens.join() === b.tokens.join()),
    textEqual: count((a, b) => a.text === b.text),
    embedding: Math.max(...losses),
    distinctTokens: distinct[distinct.length >> 1] ?? 0,
    distinctCaptions: new Set(theirs.map(({ text }) => text)).size,
    ended: theirs.filter(({ tokens }) => tokens.length < longest[mode.split('-')[0]!]!).length,
  };
}

export function describe({ size, rows, odd }: Report): string {
  const head = [
    'mode',
    'n',
    'tokens equal',
    'text equal',
    '1 - cosine',
    'distinct tokens',
    'distinct captions',
    'ended',
  ];
  const cells = rows.map((row) => [
    row.mode,
    String(row.n),
    String(row.tokensEqual),
    String(row.textEqual),
    row.embedding.toExponential(1),
    String(row.distinctTokens),
    String(row.distinctCaptions),
    String(row.ended),
  ]);
  const widths = head.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join('  ');
  return [
    `Random weights, ${size === 'full' ? 'full size' : 'CLIP, DeCap, MAGIC and CoCa at full size, ClipCap and CapDec of 2 layers'}; ` +
      'distinct tokens: of a caption, the median; ended: before the longest caption of the mode',
    line(head),
    ...cells.map(line),
    `${odd.n} pictures in other profiles and modes: largest 1 - cosine ${odd.embedding.toExponential(1)} (${odd.worst})`,
  ].join('\n');
}
