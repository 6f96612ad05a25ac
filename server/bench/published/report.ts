import type { CocaParity } from './coca';
import type { Task, Timed } from './ours';

export const partNames = ['import', 'clipcap', 'capdec', 'decap', 'iterative', 'coca', 'all', 'five'] as const;
export type PartName = (typeof partNames)[number];
export type Theirs = Record<string, { seconds: number; tokens: number[] } | { error: string }>;
/** What was measured; parts that were not asked for are absent. */
export type Measured = {
  q8: Partial<Record<Task, Timed>>;
  fp32: Partial<Record<Task, Timed>>;
  theirs: Theirs;
  peakRssMb?: Partial<Record<'all' | 'five', Partial<Record<Precision, number>>>>;
  cocaParity?: CocaParity;
  imported?: { seconds: number; peakRssMb: number };
};
const precisions = ['q8', 'fp32'] as const;
type Precision = (typeof precisions)[number];

/** Each ratio: what of ours stands against what of theirs, and how much is wanted. */
const against = {
  clipcap: { ours: 'clipcap', theirs: 'clipcap', wanted: 12, title: 'ClipCap, beam 5, 20 tokens' },
  capdec: { ours: 'capdec', theirs: 'capdec', wanted: 12, title: 'CapDec (512 dimensions), beam 5' },
  decap: { ours: 'decap', theirs: 'decap', wanted: 3, title: 'DeCap, greedy, 50,000 sentences' },
  iterative: { ours: 'iterative', theirs: 'iterative', wanted: 5.5, title: 'MAGIC, 45 candidates, 12 tokens' },
  coca: { ours: 'coca', theirs: 'coca', wanted: 8, title: 'CoCa, open_clip-3.3.0, 20 tokens' },
  cocaOnce: { ours: 'coca', theirs: 'cocaOnce', wanted: 5, title: 'CoCa, their photo encoded once' },
  cached: { ours: 'clipcapBeam', theirs: 'cached', wanted: 2, title: "ClipCap, transformers' cached generate" },
  optimum: { ours: 'prompt', theirs: 'optimum', wanted: 1.3, title: "ClipCap's GPT-2, optimum on onnxruntime" },
} as const;
type Name = keyof typeof against;
const authors = ['clipcap', 'capdec', 'decap', 'iterative', 'coca', 'cocaOnce'] as const;

export function summary({ q8, fp32, theirs, peakRssMb, imported, cocaParity }: Measured) {
  const ours = { q8, fp32 };
  const theirTime = (name: Name) => {
    const found = theirs[against[name].theirs];
    return found && 'seconds' in found ? found.seconds : undefined;
  };
  const ratio = (name: Name, precision: Precision) => {
    const [mine, others] = [ours[precision][against[name].ours]?.seconds, theirTime(name)];
    return mine === undefined || others === undefined ? null : others / mine;
  };
  const ratios = (precision: Precision) =>
    Object.fromEntries(authors.map((name) => [name, ratio(name, precision)])) as Record<
      (typeof authors)[number],
      number | null
    >;
  const cached = (precision: Precision) => ({
    clipcap: ratio('cached', precision),
    clipcapOptimum: ratio('optimum', precision),
  });
  const agreement = (name: Name, precision: Precision) => {
    const [mine, others] = [ours[precision][against[name].ours]?.tokens, theirs[against[name].theirs]];
    return mine && others && 'tokens' in others
      ? others.tokens.filter((token, i) => token === mine[i]).length / Math.max(mine.length, others.tokens.length)
      : null;
  };
  const seconds = (tasks: Partial<Record<Task, Timed>>) =>
    Object.fromEntries(Object.entries(tasks).map(([name, timed]) => [name, timed.seconds]));
  const milliseconds = (timed: Timed | undefined) => (timed ? 1000 * timed.seconds : null);
  return {
    ratios: ratios('q8'),
    ratiosFp32: ratios('fp32'),
    cachedRatios: cached('fp32'),
    cachedRatiosQ8: cached('q8'),
    allMs: milliseconds(q8.all),
    allMsFp32: milliseconds(fp32.all),
    peakRssMb: peakRssMb?.all?.q8 ?? null,
    peakRssMbFp32: peakRssMb?.all?.fp32 ?? null,
    five: Object.fromEntries(
      precisions.map((precision) => [
        precision,
        { ms: milliseconds(ours[precision].five), peakRssMb: peakRssMb?.five?.[precision] ?? null },
      ]),
    ) as Record<Precision, { ms: number | null; peakRssMb: number | null }>,
    cocaParity: cocaParity ?? null,
    importSeconds: imported?.seconds ?? null,
    importPeakRssMb: imported?.peakRssMb ?? null,
    /** Share of tokens that are theirs, place by place. */
    tokensEqual: Object.fromEntries(
      (Object.keys(against) as Name[]).map((name) => [
        name,
        { fp32: agreement(name, 'fp32'), q8: agreement(name, 'q8') },
      ]),
    ) as Record<Name, Record<Precision, number | null>>,
    seconds: {
      q8: seconds(q8),
      fp32: seconds(fp32),
      theirs: Object.fromEntries(
        Object.entries(theirs).map(([name, found]) => [name, 'seconds' in found ? found.seconds : null]),
      ),
    },
  };
}

export function describe(report: ReturnType<typeof summary>, { q8, fp32, theirs }: Measured): string {
  const seconds = (value: number | undefined) => (value === undefined ? '-' : value.toFixed(2)).padStart(7);
  const times = (value: number | null) => (value === null ? '-' : `${value.toFixed(1)} ×`).padStart(8);
  const share = (value: number | null) =>
    (value === null ? '-' : value === 1 ? 'all' : `${(100 * value).toFixed(0)} %`).padStart(7);
  const ratio = (name: Name, precision: Precision) =>
    name === 'cached'
      ? report[precision === 'q8' ? 'cachedRatiosQ8' : 'cachedRatios'].clipcap
      : name === 'optimum'
        ? report[precision === 'q8' ? 'cachedRatiosQ8' : 'cachedRatios'].clipcapOptimum
        : report[precision === 'q8' ? 'ratios' : 'ratiosFp32'][name];
  const known = (value: number | null, digits: number, unit: string) =>
    value === null ? '-' : `${value.toFixed(digits)} ${unit}`;
  const failed = Object.entries(theirs).flatMap(([name, found]) =>
    'error' in found ? [`${name}: ${found.error}`] : [],
  );
  return [
    'Photo → caption on CPUs, ViT-B/32, random weights in the real shapes. Seconds of the fastest warm run, 2 threads on both',
    'sides; theirs is fp32, so "fp32" is like for like and "8 bit" is what the studio runs. Searches are those of the mode named.',
    `${''.padEnd(40)}  8 bit    fp32  theirs    8 bit     fp32  tokens equal: fp32, 8 bit`,
    ...(Object.keys(against) as Name[]).map((name) => {
      const { ours, theirs: other, wanted, title } = against[name];
      const found = theirs[other];
      return (
        `${title.padEnd(40)}${seconds(q8[ours]?.seconds)} ${seconds(fp32[ours]?.seconds)} ${seconds(found && 'seconds' in found ? found.seconds : undefined)} ` +
        `${times(ratio(name, 'q8'))} ${times(ratio(name, 'fp32'))}  ${share(report.tokensEqual[name].fp32)} ${share(report.tokensEqual[name].q8)}   (wanted ≥ ${wanted} ×)`
      );
    }),
    `ClipCap, CapDec, DeCap and guided beam (5 × 16, 12 tokens) in one comparison: ${known(report.allMs, 0, 'ms')} at 8 bit (wanted < 3000), ${known(report.allMsFp32, 0, 'ms')} in fp32; ` +
      `peak memory ${known(report.peakRssMb, 0, 'MB')} at 8 bit (wanted < 3000), ${known(report.peakRssMbFp32, 0, 'MB')} in fp32`,
    `ClipCap, CapDec, DeCap, guided beam and CoCa (open_clip-3.3.0, up to 29 tokens) in one comparison: ${known(report.five.q8.ms, 0, 'ms')}, ${known(report.five.q8.peakRssMb, 0, 'MB')} at 8 bit (wanted < 4000 ms, < 3000 MB); ` +
      `${known(report.five.fp32.ms, 0, 'ms')}, ${known(report.five.fp32.peakRssMb, 0, 'MB')} in fp32`,
    ...(report.cocaParity ? [describeParity(report.cocaParity)] : []),
    `Import of ClipCap (636 MB): ${known(report.importSeconds, 1, 's')}, ${known(report.importPeakRssMb, 0, 'MB')} (wanted < 30 s, < 2000 MB)`,
    ...failed,
  ].join('\n');
}

function describeParity({ by, photos, equal, distinct, embedding, logits }: CocaParity): string {
  const versions = Object.entries(by).map(([name, version]) => `${name} ${version}`);
  return (
    `CoCa ViT-B/32 in fp32 beside ${versions.join(', ')}: tokens of ${equal} of ${photos} drawn photos equal (${distinct} distinct captions), ` +
    `image embedding within ${embedding.toExponential(1)}, logits within ${logits.toExponential(1)} of the largest (wanted ≤ 1e-3)`
  );
}
