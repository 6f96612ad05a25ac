import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../../models/errors';
import type { RgbImage } from '../../../models/spaces/image';
import { importFamily } from '../../weights/import-family';

/** The family that holds all that is timed but CoCa, which joins it in `fiveName`; CoCa's own space. */
export const familyName = 'all';
export const fiveName = 'five';
export const cocaSpaceName = 'coca-space';
export type Settings = { folder: string; python: string; tokenizers: string; root: string };

/** Python with torch and transformers, or what to do about it. @throws option-invalid */
export function checkPython(python: string): void {
  try {
    execFileSync(python, ['-c', 'import torch, transformers, ftfy, numpy, PIL'], { stdio: 'pipe' });
  } catch (cause) {
    throw new StudioError(
      'option-invalid',
      `${python} lacks torch, transformers, ftfy, numpy or pillow, by which the published decoders are run for comparison. Name another Python with STUDIO_PYTHON.`,
      { cause },
    );
  }
}

/** Random checkpoints in the real shapes, and a drawn photo; made once. */
export function makeCheckpoints({ folder, python, tokenizers, root }: Settings): void {
  for (const file of ['gpt2/tokenizer.json', 'clip/bpe_simple_vocab_16e6.txt.gz'])
    if (!existsSync(join(tokenizers, file)))
      throw new StudioError(
        'option-invalid',
        `${join(tokenizers, file)} is missing. GPT-2's and CLIP's tokenizers are not part of the project: put them there, or name their folder with --tokenizers.`,
      );
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'captions.txt')))
    execFileSync(python, [join(root, 'server/bench/published/make.py'), folder], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  drawPhoto(join(folder, 'photo.ppm'));
}

/** Writes a drawn photo. */
export function drawPhoto(file: string): void {
  writeFileSync(file, drawing(640, 427));
}

export async function readPpm(file: string): Promise<RgbImage> {
  const bytes = await readFile(file);
  const head = /^P6 (\d+) (\d+) 255\n/.exec(bytes.subarray(0, 40).toString('latin1'))!;
  return { width: Number(head[1]), height: Number(head[2]), data: new Uint8Array(bytes.subarray(head[0].length)) };
}

/** A sun over hills as a PPM file, drawn by this code; with `n` in other places and colours. */
export function drawing(width: number, height: number, n = 0): Uint8Array {
  const head = new TextEncoder().encode(`P6 ${width} ${height} 255\n`);
  const out = new Uint8Array(head.length + width * height * 3);
  out.set(head);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const hill = y > 250 - 25 * (n % 5) + 40 * Math.sin(x / (70 - 6 * (n % 9)));
      const sun = Math.hypot(x - 150 - 9 * n, y - 90) < 50 + 7 * (n % 4);
      const colour = sun ? [250, 220, 60] : hill ? [40, 110 + (x % 11) * 5, 50] : [110, 160 + (y % 7) * 3, 230];
      out.set(
        colour.map((value, c) => (value + 53 * n * (c + 1)) & 255),
        head.length + (y * width + x) * 3,
      );
    }
  return out;
}

/** ClipCap's import alone, in a process that does nothing else: the child's side. */
export async function measureImport({
  folder,
  tokenizers,
}: Pick<Settings, 'folder' | 'tokenizers'>): Promise<{ seconds: number; peakRssMb: number }> {
  const into = join(folder, 'families', 'import-timed');
  await rm(into, { recursive: true, force: true });
  const start = performance.now();
  await importFamily({
    kind: 'clipcap-mlp',
    name: 'import-timed',
    base: join(folder, 'families', 'clip'),
    into,
    files: [{ path: join(folder, 'coco_weights.pt') }, { path: join(tokenizers, 'gpt2/tokenizer.json') }],
  });
  const seconds = (performance.now() - start) / 1000;
  await rm(into, { recursive: true, force: true });
  return { seconds, peakRssMb: process.resourceUsage().maxRSS / 1024 };
}

/** The space of CLIP ViT-B/32, and on it ClipCap, CapDec, DeCap and GPT-2, one import after the other. */
export async function importAll({ folder, tokenizers }: Settings, note: (line: string) => void): Promise<void> {
  const gpt2 = join(tokenizers, 'gpt2/tokenizer.json');
  const steps: Step[] = [
    {
      kind: 'clip-vit-b32',
      name: 'clip',
      files: [join(folder, 'pytorch_model.bin'), join(tokenizers, 'clip/bpe_simple_vocab_16e6.txt.gz')],
    },
    { kind: 'clipcap-mlp', name: 'clipcap', base: 'clip', files: [join(folder, 'coco_weights.pt'), gpt2] },
    { kind: 'capdec', name: 'capdec', base: 'clipcap', files: [join(folder, 'capdec_512.pt'), gpt2] },
    {
      kind: 'decap',
      name: 'decap',
      base: 'capdec',
      files: [join(folder, 'coco_prefix-009.pt'), join(folder, 'captions.txt'), join(folder, 'memory_embeddings.npy')],
    },
    { kind: 'gpt2', name: familyName, base: 'decap', files: [join(folder, 'gpt2.bin'), gpt2] },
  ];
  await importSteps(folder, steps, note);
}

/** CoCa, as a fine-tuned one joins what `importAll` made, and as a space of its own. */
export async function importCoca({ folder, tokenizers }: Settings, note: (line: string) => void): Promise<void> {
  const files = [join(folder, 'coca.bin'), join(tokenizers, 'clip/bpe_simple_vocab_16e6.txt.gz')];
  await importSteps(folder, [{ kind: 'coca', name: fiveName, base: familyName, files }], note);
  const options = { contrast: 'unchecked' };
  await importSteps(folder, [{ kind: 'coca-vit-b32', name: cocaSpaceName, files, options }], note);
}

type Step = { kind: string; name: string; base?: string; files: string[]; options?: Record<string, string> };

/** Imports one after the other; nothing where the last of them is there. */
async function importSteps(folder: string, steps: readonly Step[], note: (line: string) => void): Promise<void> {
  const families = join(folder, 'families');
  if (existsSync(join(families, steps.at(-1)!.name, 'manifest.json'))) return;
  for (const { kind, name, base, files, options } of steps) {
    note(`Importing ${kind}`);
    await rm(join(families, name), { recursive: true, force: true });
    await importFamily({
      kind,
      name,
      into: join(families, name),
      ...(base ? { base: join(families, base) } : {}),
      ...(options ? { options } : {}),
      files: files.map((path) => ({ path })),
    });
  }
}
