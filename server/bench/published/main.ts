// `npm run bench -- published [--json] [--only PARTS] [--dir DIR] [--tokenizers DIR] [--repeat N]
// [--photos N]`: the published decoders, ours beside their authors'.
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { StudioError } from '../../../models/errors';
import { type CocaParity, cocaMissing, cocaParity, makeCoca, theirCoca } from './coca';
import { checkPython, familyName, importAll, importCoca, makeCheckpoints, measureImport, type Settings } from './files';
import { type OursReport, runOurs, type Task } from './ours';
import { describe, type Measured, partNames, type PartName, summary, type Theirs } from './report';

/** What each part runs, ours at both precisions and theirs in turn, all in one go. */
const parts: Record<Exclude<PartName, 'import'>, { ours: readonly Task[]; theirs: readonly string[] }> = {
  clipcap: { ours: ['clipcap', 'clipcapBeam', 'prompt'], theirs: ['cached', 'optimum', 'clipcap'] },
  capdec: { ours: ['capdec'], theirs: ['capdec'] },
  decap: { ours: ['decap'], theirs: ['decap'] },
  iterative: { ours: ['iterative'], theirs: ['iterative'] },
  coca: { ours: ['coca'], theirs: ['coca', 'cocaOnce'] },
  all: { ours: ['all'], theirs: [] },
  five: { ours: ['five'], theirs: [] },
};

function flag(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? (process.argv[at + 1] ?? fallback) : fallback;
}

/** @throws option-invalid */
function chosenParts(): PartName[] {
  const names = flag('only', partNames.join(',')).split(',');
  const unknown = names.find((name) => !(partNames as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new StudioError('option-invalid', `--only knows no part "${unknown}"; parts are ${partNames.join(', ')}.`);
  return names as PartName[];
}

export async function benchPublished(): Promise<void> {
  const root = process.cwd();
  const chosen = chosenParts();
  const settings: Settings = {
    root,
    folder: resolve(flag('dir', join(root, '.studio/published'))),
    python: process.env.STUDIO_PYTHON ?? 'python3',
    tokenizers: resolve(flag('tokenizers', join(root, '../shared/data/tokenizers'))),
  };
  const repeat = flag('repeat', '2');
  const note = (line: string) => console.error(line);
  checkPython(settings.python);
  note('Making random checkpoints in the real shapes');
  makeCheckpoints(settings);
  await importAll(settings, note);
  const missing = chosen.some((part) => part === 'coca' || part === 'five') ? cocaMissing(settings.python) : undefined;
  if (missing === undefined && chosen.some((part) => part === 'coca' || part === 'five')) {
    makeCoca(settings);
    await importCoca(settings, note);
  }
  const child = <T>(...args: string[]): T =>
    JSON.parse(
      execFileSync(process.execPath, [process.argv[1]!, ...args, settings.folder, settings.tokenizers], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        maxBuffer: 1 << 26,
      }),
    ) as T;
  const theirs = (names: readonly string[]): Theirs =>
    JSON.parse(
      execFileSync(
        settings.python,
        [
          join(root, 'server/bench/published/theirs.py'),
          settings.folder,
          join(settings.folder, 'photo.ppm'),
          join(settings.tokenizers, 'gpt2/tokenizer.json'),
          join(settings.folder, 'families', familyName, 'clip-tokenizer.json'),
          '--repeat',
          repeat,
          '--only',
          names.join(),
        ],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 },
      ),
    ) as Theirs;
  const measured: Measured = { q8: {}, fp32: {}, theirs: {} };
  for (const part of chosen) {
    if (part === 'import') {
      measured.imported = child('published-import');
      continue;
    }
    if (missing !== undefined && (part === 'coca' || part === 'five')) {
      measured.theirs[part] = { error: missing };
      continue;
    }
    for (const precision of ['q8', 'fp32'] as const) {
      const { tasks, peakRssMb } = child<OursReport>('published-ours', precision, repeat, parts[part].ours.join());
      Object.assign(measured[precision], tasks);
      if (part === 'all' || part === 'five')
        measured.peakRssMb = {
          ...measured.peakRssMb,
          [part]: { ...measured.peakRssMb?.[part], [precision]: peakRssMb },
        };
    }
    if (part === 'coca') {
      const photo = join(settings.folder, 'photo.ppm');
      Object.assign(measured.theirs, theirCoca<Theirs>(settings, 'time', [photo, '--repeat', repeat]));
      measured.cocaParity = child<CocaParity>('published-coca', settings.python, flag('photos', '5'));
    } else if (parts[part].theirs.length) Object.assign(measured.theirs, theirs(parts[part].theirs));
  }
  const report = summary(measured);
  console.log(process.argv.includes('--json') ? JSON.stringify(report) : describe(report, measured));
}

/**
 * What child processes of this bench do: `published-import DIR TOKENIZERS`, `published-ours PRECISION REPEAT TASKS DIR
 * TOKENIZERS`, `published-coca PYTHON PHOTOS DIR TOKENIZERS`.
 */
export async function publishedChild(command: string, args: readonly string[]): Promise<void> {
  if (command === 'published-import')
    console.log(JSON.stringify(await measureImport({ folder: args[0]!, tokenizers: args[1]! })));
  else if (command === 'published-coca') {
    const [python, photos, folder, tokenizers] = args as [string, string, string, string];
    const settings = { python, folder, tokenizers, root: process.cwd() };
    console.log(JSON.stringify(await cocaParity(settings, Number(photos))));
  } else
    console.log(
      JSON.stringify(
        await runOurs(args[3]!, args[0] === 'q8' ? 'q8' : 'fp32', Number(args[1]), args[2]!.split(',') as Task[]),
      ),
    );
}
