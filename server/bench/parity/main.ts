// `npm run bench -- parity [--n N] [--photos DIR] [--full] [--only MODES] [--json]`: the named modes beside PyTorch.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { StudioError } from '../../../models/errors';
import { importAll, modeNames, type ModeName, openOurs, type Said, type Tower, towerOf, towers } from './ours';
import { describe, lost, type Report, rowOf } from './report';

type Theirs = {
  photos: string[];
  embeddings: Partial<Record<Tower, number[][]>>;
  odd: { path: string; embedding: number[] }[];
  modes: Partial<Record<ModeName, Said[]>>;
};

/** @throws option-invalid */
export async function benchParity(args: readonly string[], note: (line: string) => void): Promise<string> {
  const value = (name: string) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : undefined);
  const root = process.cwd();
  const size = args.includes('--full') ? 'full' : 'narrow';
  const n = Number(value('n') ?? 24);
  if (!Number.isInteger(n) || n < 1) throw new StudioError('option-invalid', `--n takes a count of photos from 1.`);
  const chosen = (value('only')?.split(',') ?? modeNames) as ModeName[];
  const unknown = chosen.find((mode) => !modeNames.includes(mode));
  if (unknown !== undefined)
    throw new StudioError('option-invalid', `--only knows no mode "${unknown}"; there are ${modeNames.join(', ')}.`);
  const tokenizers = resolve(value('tokenizers') ?? join(root, '../shared/data/tokenizers'));
  const [gpt2, clip] = ['gpt2/tokenizer.json', 'clip/bpe_simple_vocab_16e6.txt.gz'].map((f) => join(tokenizers, f));
  for (const file of [gpt2!, clip!])
    if (!existsSync(file))
      throw new StudioError(
        'option-invalid',
        `${file} is missing. GPT-2's and CLIP's tokenizers are not part of the project: put them there, or name their folder with --tokenizers.`,
      );
  const python = process.env.STUDIO_PYTHON ?? 'python3';
  try {
    execFileSync(python, ['-c', 'import torch, transformers, ftfy, numpy, PIL'], { stdio: 'pipe' });
  } catch (cause) {
    const what = `${python} lacks torch, transformers, ftfy, numpy or pillow, by which the authors' decoding is run.`;
    throw new StudioError('option-invalid', `${what} Name another Python with STUDIO_PYTHON.`, { cause });
  }
  if (value('only') !== undefined && chosen.some((mode) => towerOf(mode) === 'coca'))
    try {
      execFileSync(python, ['-c', 'import open_clip'], { stdio: 'pipe' });
    } catch (cause) {
      const what = `${python} lacks open_clip_torch (3.3.0, with transformers 4.49.0), which CoCa's modes are held to.`;
      throw new StudioError('option-invalid', `${what} Name another Python with STUDIO_PYTHON.`, { cause });
    }
  const folder = join(resolve(value('dir') ?? join(root, '.studio/parity')), size);
  mkdirSync(folder, { recursive: true });
  const photos = value('photos');
  execFileSync(
    python,
    [
      join(root, 'server/bench/parity/theirs.py'),
      folder,
      ...['--gpt2', gpt2!, '--clip', clip!, '--n', String(n), '--only', value('only') ?? ''],
      ...(photos === undefined ? [] : ['--photos', resolve(photos)]),
      ...(size === 'full' ? ['--full'] : []),
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const theirs = JSON.parse(readFileSync(join(folder, 'theirs.json'), 'utf8')) as Theirs;
  if (!theirs.photos.length) throw new StudioError('option-invalid', `${photos} holds no photo.`);
  await rm(join(folder, 'families'), { recursive: true, force: true });
  await importAll(folder, { gpt2: gpt2!, clip: clip! }, (line) => note(`ours: ${line}`));
  const report = await compareAll(folder, size, theirs, note);
  return args.includes('--json') ? JSON.stringify(report) : describe(report);
}

async function compareAll(
  folder: string,
  size: Report['size'],
  theirs: Theirs,
  note: (line: string) => void,
): Promise<Report> {
  const ours = await openOurs(folder);
  try {
    const losses: Record<Tower, number[]> = { torchvision: [], 'hugging-face': [], coca: [] };
    for (const tower of towers)
      for (const [i, embedding] of (theirs.embeddings[tower] ?? []).entries())
        losses[tower].push(lost(await ours.embed(theirs.photos[i]!, tower), embedding));
    const odd: { path: string; lost: number }[] = [];
    for (const { path, embedding } of theirs.odd) odd.push({ path, lost: lost(await ours.embed(path), embedding) });
    odd.sort((a, b) => b.lost - a.lost);
    const rows = [];
    for (const mode of modeNames) {
      const expected = theirs.modes[mode];
      if (!expected) continue;
      note(`ours: ${mode}`);
      const said: Said[] = [];
      for (const path of theirs.photos) said.push(await ours.say(mode, path));
      rows.push(rowOf(mode, expected, said, losses[towerOf(mode)]));
      expected.forEach(({ tokens, text }, i) => {
        if (tokens.join() === said[i]!.tokens.join() && text === said[i]!.text) return;
        note(`${mode}, ${basename(theirs.photos[i]!)}: theirs ${JSON.stringify({ tokens, text })}`);
        note(`  ours ${JSON.stringify(said[i])}`);
      });
    }
    return { size, rows, odd: { n: odd.length, embedding: odd[0]!.lost, worst: basename(odd[0]!.path) } };
  } finally {
    await ours.close();
  }
}
