// `npm run bench -- published [--json] [--dir DIR] [--tokenizers DIR] [--repeat N]`: the published decoders, ours beside their authors'.
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { checkPython, familyName, importAll, makeCheckpoints, measureImport, type Settings } from './files';
import { type LaneName, type OursReport, runOurs } from './ours';

type Theirs = Record<string, { seconds: number; tokens: number[] } | { error: string }>;
const compared = ['clipcap', 'capdec', 'decap', 'iterative'] as const;

function flag(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? (process.argv[at + 1] ?? fallback) : fallback;
}

export async function benchPublished(): Promise<void> {
  const root = process.cwd();
  const settings: Settings = {
    root,
    folder: resolve(flag('dir', join(root, '.studio/published'))),
    python: process.env.STUDIO_PYTHON ?? 'python3',
    tokenizers: resolve(flag('tokenizers', join(root, '../shared/data/tokenizers'))),
  };
  const repeat = Number(flag('repeat', '2'));
  const note = (line: string) => console.error(line);
  checkPython(settings.python);
  note('Making random checkpoints in the real shapes');
  makeCheckpoints(settings);
  await importAll(settings, note);
  const child = <T>(...args: string[]): T => JSON.parse(execFileSync(process.execPath, [process.argv[1]!, ...args, settings.folder, settings.tokenizers], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 })) as T;
  const imported = child<{ seconds: number; peakRssMb: number }>('published-import');
  note(`ClipCap imported in ${imported.seconds.toFixed(1)} s`);
  const q8 = child<OursReport>('published-ours', 'q8', String(repeat));
  const fp32 = child<OursReport>('published-ours', 'fp32', String(repeat));
  const theirs = JSON.parse(
    execFileSync(settings.python, [join(root, 'server/bench/published/theirs.py'), settings.folder, join(settings.folder, 'photo.ppm'), join(settings.tokenizers, 'gpt2/tokenizer.json'), join(settings.folder, 'families', familyName, 'clip-tokenizer.json'), '--repeat', String(repeat)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 }),
  ) as Theirs;
  const report = summary(q8, fp32, theirs, imported);
  console.log(process.argv.includes('--json') ? JSON.stringify(report) : describe(report, q8, fp32, theirs));
}

function secondsOf(theirs: Theirs, name: string): number | undefined {
  const found = theirs[name];
  return found && 'seconds' in found ? found.seconds : undefined;
}

function summary(q8: OursReport, fp32: OursReport, theirs: Theirs, imported: { seconds: number; peakRssMb: number }) {
  const over = (ours: OursReport, lane: LaneName, name: string) => {
    const seconds = secondsOf(theirs, name);
    return seconds === undefined ? null : seconds / ours.lanes[lane].seconds;
  };
  const ratios = (ours: OursReport) => Object.fromEntries(compared.map((name) => [name, over(ours, name, name)])) as Record<(typeof compared)[number], number | null>;
  const cached = (ours: OursReport) => ({ clipcap: over(ours, 'clipcap', 'cached'), clipcapOptimum: over(ours, 'clipcap', 'optimum') });
  const equal = Object.fromEntries(
    compared.map((name) => {
      const found = theirs[name];
      return [name, { fp32: found && 'tokens' in found && same(fp32.lanes[name].tokens, found.tokens), q8: found && 'tokens' in found ? agreement(q8.lanes[name].tokens, found.tokens) : null }];
    }),
  );
  return {
    ratios: ratios(q8),
    ratiosFp32: ratios(fp32),
    cachedRatios: cached(fp32),
    cachedRatiosQ8: cached(q8),
    allMs: 1000 * q8.allSeconds,
    allMsFp32: 1000 * fp32.allSeconds,
    peakRssMb: q8.peakRssMb,
    peakRssMbFp32: fp32.peakRssMb,
    importSeconds: imported.seconds,
    importPeakRssMb: imported.peakRssMb,
    tokensEqual: equal,
    seconds: { q8: Object.fromEntries(Object.entries(q8.lanes).map(([name, { seconds }]) => [name, seconds])), fp32: Object.fromEntries(Object.entries(fp32.lanes).map(([name, { seconds }]) => [name, seconds])), theirs: Object.fromEntries(Object.keys(theirs).map((name) => [name, secondsOf(theirs, name) ?? null])) },
  };
}

const same = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((token, i) => token === b[i]);
const agreement = (a: readonly number[], b: readonly number[]) => a.filter((token, i) => token === b[i]).length / Math.max(1, b.length);

function describe(report: ReturnType<typeof summary>, q8: OursReport, fp32: OursReport, theirs: Theirs): string {
  const seconds = (value: number | undefined) => (value === undefined ? '      -' : value.toFixed(2).padStart(7));
  const ratio = (value: number | null) => (value === null ? '      -' : `${value.toFixed(1)} ×`.padStart(7));
  const wanted = { clipcap: 12, capdec: 12, decap: 3, iterative: 10 };
  return [
    'Photo → CLIP ViT-B/32 → caption, random weights in the real shapes, 2 threads, seconds (fastest run)',
    `${''.padEnd(34)}  8 bit    fp32  theirs   8 bit    fp32  tokens equal (fp32)`,
    ...compared.map((name) => {
      const title = { clipcap: 'ClipCap, beam 5, 20 tokens', capdec: 'CapDec (512 dimensions), beam 5', decap: 'DeCap, greedy, 50,000 sentences', iterative: 'MAGIC, 45 candidates, 12 tokens' }[name];
      return `${title.padEnd(34)}${seconds(q8.lanes[name].seconds)} ${seconds(fp32.lanes[name].seconds)} ${seconds(secondsOf(theirs, name))} ${ratio(report.ratios[name])} ${ratio(report.ratiosFp32[name])}  ${report.tokensEqual[name]!.fp32 ? 'yes' : 'NO'}   (wanted ≥ ${wanted[name]} ×)`;
    }),
    `${'Guided beam, 5 × 16, 12 tokens'.padEnd(34)}${seconds(q8.lanes.guided.seconds)} ${seconds(fp32.lanes.guided.seconds)}`,
    `ClipCap against transformers' cached generate: ${ratio(report.cachedRatios.clipcap).trim()} in fp32 (wanted ≥ 2), ${ratio(report.cachedRatiosQ8.clipcap).trim()} at 8 bit; theirs ${seconds(secondsOf(theirs, 'cached')).trim()} s`,
    `ClipCap against optimum's export on onnxruntime: ${ratio(report.cachedRatios.clipcapOptimum).trim()} in fp32 (wanted ≥ 1.3), ${ratio(report.cachedRatiosQ8.clipcapOptimum).trim()} at 8 bit; theirs ${seconds(secondsOf(theirs, 'optimum')).trim()} s${theirs.optimum && 'error' in theirs.optimum ? ` (${theirs.optimum.error})` : ''}`,
    `ClipCap, CapDec, DeCap and guided beam in one comparison: ${(report.allMs / 1000).toFixed(2)} s at 8 bit (wanted < 3), ${(report.allMsFp32 / 1000).toFixed(2)} s in fp32; peak memory ${report.peakRssMb.toFixed(0)} MB at 8 bit (wanted < 3000), ${report.peakRssMbFp32.toFixed(0)} MB in fp32`,
    `Import of ClipCap (636 MB): ${report.importSeconds.toFixed(1)} s, ${report.importPeakRssMb.toFixed(0)} MB (wanted < 30 s, < 2000 MB)`,
  ].join('\n');
}

/** What child processes of this bench do: `published-import DIR TOKENIZERS`, `published-ours PRECISION REPEAT DIR TOKENIZERS`. */
export async function publishedChild(command: string, args: readonly string[]): Promise<void> {
  if (command === 'published-import') console.log(JSON.stringify(await measureImport({ folder: args[0]!, tokenizers: args[1]! })));
  else console.log(JSON.stringify(await runOurs(args[2]!, args[0] === 'q8' ? 'q8' : 'fp32', Number(args[1]))));
}
