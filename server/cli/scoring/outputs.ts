import { csvCell } from '../../../kept/csv';
import { StudioError } from '../../../models/errors';
import { DocumentFile } from '../../files/document';
import { type Io, say } from '../io';
import type { Report } from './report';

export const tableKinds = ['markdown', 'latex'] as const;
export type TableKind = (typeof tableKinds)[number];

/** Opens the file of scores by image, before the work. @throws option-invalid */
export async function openImageScores(io: Io, name: string): Promise<(report: Report) => Promise<void>> {
  const csv = /\.csv$/i.test(name);
  if (!csv && !/\.(jsonl|ndjson)$/i.test(name))
    throw new StudioError('option-invalid', `--per-image ${name}: expected a name that ends in .jsonl or .csv.`);
  const file = await DocumentFile.open(io, name);
  return async ({ systems }) => {
    const rows = systems.flatMap(({ images }) => images);
    try {
      await file.replace(csv ? csvOf(rows) : rows.map((row) => `${JSON.stringify(row)}\n`));
    } finally {
      await file.close();
    }
  };
}

function* csvOf(rows: readonly Record<string, unknown>[]): Generator<string> {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  yield `${names.join(',')}\r\n`;
  for (const row of rows)
    yield `${names
      .map((name) => {
        const value = row[name];
        return csvCell(Array.isArray(value) ? value.join('; ') : (value as string | number | undefined));
      })
      .join(',')}\r\n`;
}

type Column = {
  title: string;
  of: (scores: Record<string, unknown>) => number | undefined;
  digits: number;
  least?: boolean;
};
const at =
  (...path: string[]) =>
  (scores: Record<string, unknown>) =>
    path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], scores) as
      number | undefined;
const hundred =
  (...path: string[]) =>
  (scores: Record<string, unknown>) => {
    const value = at(...path)(scores);
    return value === undefined ? undefined : 100 * value;
  };
const columns: Column[] = [
  { title: 'n', of: at('n'), digits: 0 },
  { title: 'BLEU-1', of: hundred('bleu1'), digits: 1 },
  { title: 'BLEU-4', of: hundred('bleu4'), digits: 1 },
  { title: 'ROUGE-L', of: hundred('rougeL'), digits: 1 },
  { title: 'CIDEr-D', of: hundred('ciderD'), digits: 1 },
  { title: 'CLIPScore', of: hundred('clip', 'clipScore'), digits: 1 },
  { title: 'RefCLIPScore', of: hundred('clip', 'refClipScore'), digits: 1 },
  { title: 'CHAIRi', of: hundred('chair', 'chairI'), digits: 1, least: true },
  { title: 'CHAIRs', of: hundred('chair', 'chairS'), digits: 1, least: true },
  { title: 'Div-1', of: at('diversity', 'div1'), digits: 3 },
  { title: 'Div-2', of: at('diversity', 'div2'), digits: 3 },
  { title: 'mBLEU-4', of: at('diversity', 'mBleu4'), digits: 3, least: true },
  { title: 'Self-CIDEr', of: at('diversity', 'selfCider'), digits: 3 },
  { title: 'vocabulary', of: at('diversity', 'vocabulary'), digits: 0 },
  { title: 'novel', of: hundred('diversity', 'novelty'), digits: 1 },
];
/** How differences are shown: as the scores, times 100. */
const names: Record<string, string> = {
  bleu1: 'BLEU-1',
  bleu4: 'BLEU-4',
  rougeL: 'ROUGE-L',
  cider: 'CIDEr',
  ciderD: 'CIDEr-D',
  clipScore: 'CLIPScore',
  refClipScore: 'RefCLIPScore',
  chairS: 'CHAIRs',
};

/** The report as tables for a paper or a README: scores times 100 as papers print them, the best of each bold. */
export async function sayTables(io: Io, kind: TableKind, { systems, differences }: Report): Promise<void> {
  const shown = columns.filter(({ of }) => systems.some(({ scores }) => of(scores) !== undefined));
  const bold = (text: string) => (kind === 'latex' ? `\\textbf{${text}}` : `**${text}**`);
  const rows = systems.map(({ name, scores }) => [
    name || 'captions',
    ...shown.map(({ of, digits, least, title }) => {
      const value = of(scores);
      if (value === undefined) return '';
      const all = systems.flatMap((other) => of(other.scores) ?? []);
      const best = least ? Math.min(...all) : Math.max(...all);
      const text = value.toFixed(digits);
      return systems.length > 1 && title !== 'n' && text === best.toFixed(digits) ? bold(text) : text;
    }),
  ]);
  await say(io, table(kind, ['system', ...shown.map(({ title }) => title)], rows));
  if (!differences.length) return;
  const interval = (value: number) => (100 * value).toFixed(1);
  await say(io, '');
  await say(
    io,
    table(
      kind,
      ['difference', 'metric', 'by', '95 % interval', 'p'],
      differences.map(({ first, second, metric, difference, low, high, p }) => {
        const by = interval(difference);
        return [
          `${first} - ${second}`,
          names[metric] ?? metric,
          low > 0 || high < 0 ? bold(by) : by,
          `${interval(low)} to ${interval(high)}`,
          p.toFixed(3),
        ];
      }),
    ),
  );
}

function table(kind: TableKind, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (kind === 'markdown') {
    const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
    const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
    return [line(head), `|${head.map((_, i) => (i ? '---:' : '---')).join('|')}|`, ...rows.map(line)].join('\n');
  }
  const cell = (text: string) =>
    /^\\textbf\{[-\d.]+\}$/.test(text)
      ? text
      : text.replace(/[\\{}$&#_%^~]/g, (sign) => (sign in letters ? letters[sign]! : `\\${sign}`));
  const line = (cells: readonly string[]) => `${cells.map(cell).join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{l${'r'.repeat(head.length - 1)}}`,
    '\\toprule',
    line(head),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}
const letters: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
};

/** Differences for people. */
export async function sayDifferences(io: Io, { differences }: Report): Promise<void> {
  for (const { first, second, metric, difference, low, high, p } of differences)
    await say(
      io,
      `${first} - ${second}  ${(names[metric] ?? metric).padEnd(12)} ${difference.toFixed(4).padStart(8)}  95 % ${low.toFixed(4)} to ${high.toFixed(4)}, p ${p.toFixed(3)}`,
    );
}
