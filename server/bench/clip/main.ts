// `npm run bench -- clip [KINDS] [--dir DIR] [--tokenizers DIR]`: CLIP's towers at full size against PyTorch, imported
// from each layout.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { StudioError } from '../../../models/errors';
import { NodeRuntime } from '../../../models/runtime/node';
import { Scheduler } from '../../../models/runtime/scheduler';
import { Space } from '../../../models/spaces/space';
import { graphOf } from '../../../models/weights/graphs';
import { Family } from '../../../models/weights/family';
import type { Manifest } from '../../../models/manifest';
import { mergeWeights, readSafetensors } from '../../../models/files/safetensors';
import { folderSource } from '../../weights/folder-families';
import { FileHandleSource } from '../../weights/file-source';
import { importFamily } from '../../weights/import-family';
import { checkPython, drawPhoto, readPpm } from '../published/files';

const kinds = ['clip-vit-b32', 'clip-vit-b16', 'clip-vit-l14', 'clip-rn50x4'];
/** Words, signs, accents and spaces as people type them. */
const texts = [
  'a photo of a dog',
  "Two  dogs' toys, and it's 3 p.m.!",
  'ein Café am Fluß – „schön“',
  'A LONG RED TRAIN 🚂 crosses the old bridge in the rain',
];

type Theirs = {
  layouts: Record<string, string>;
  image: number[];
  texts: number[][];
  ids: number[][];
  imageSeconds: number;
};
type Compared = { largest: number; cosineLoss: number };

export async function benchClip(args: readonly string[], note: (line: string) => void): Promise<string> {
  const flag = (name: string, fallback: string) =>
    args.includes(`--${name}`) ? (args[args.indexOf(`--${name}`) + 1] ?? fallback) : fallback;
  const root = process.cwd();
  const folder = resolve(flag('dir', join(root, '.studio/clip')));
  const vocabulary = join(
    resolve(flag('tokenizers', join(root, '../shared/data/tokenizers'))),
    'clip/bpe_simple_vocab_16e6.txt.gz',
  );
  const chosen = args[0] && !args[0].startsWith('--') ? args[0].split(',') : kinds;
  const unknown = chosen.find((kind) => !kinds.includes(kind));
  if (unknown !== undefined)
    throw new StudioError('option-invalid', `There is no kind "${unknown}" of CLIP; known are ${kinds.join(', ')}.`);
  const python = process.env.STUDIO_PYTHON ?? 'python3';
  checkPython(python);
  mkdirSync(folder, { recursive: true });
  drawPhoto(join(folder, 'photo.ppm'));
  const lines = [
    `${'CLIP, random weights, full size'.padEnd(32)} ${'photo'.padStart(8)} ${'texts'.padStart(8)}  ids    cosine loss of the photo, of the texts (worst)      photo, ms: ours, theirs`,
  ];
  for (const kind of chosen) {
    note(`${kind}: making it`);
    const own = join(folder, kind);
    await rm(own, { recursive: true, force: true });
    const theirs = JSON.parse(
      execFileSync(
        python,
        [join(root, 'server/bench/clip/clips.py'), own, kind, join(folder, 'photo.ppm'), vocabulary, ...texts],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 1 << 26 },
      ),
    ) as Theirs;
    const manifests: Manifest[] = [];
    for (const [layout, file] of Object.entries(theirs.layouts)) {
      note(`${kind}: importing it from ${layout}'s layout`);
      const into = join(own, `family-${manifests.length}`);
      manifests.push(
        await importFamily({ kind, name: kind, into, files: [{ path: join(own, file) }, { path: vocabulary }] }),
      );
    }
    const hashes = (manifest: Manifest) => `${manifest.files.clipImage!.sha256} ${manifest.files.clipText!.sha256}`;
    const equal = manifests.every((manifest) => hashes(manifest) === hashes(manifests[0]!));
    lines.push(...(await compareWith(theirs, kind, join(own, 'family-0'), join(folder, 'photo.ppm'))));
    lines.push(
      `${''.padEnd(32)} ${equal ? 'the same tensors, bit for bit, from' : 'TENSORS DIFFER between'} the layouts of ${Object.keys(theirs.layouts).join(', ')}`,
    );
    await rm(own, { recursive: true, force: true });
  }
  return lines.join('\n');
}

/** Embeddings of a photo and of texts at fp32, fp16 and, for its loss alone, 8 bit. */
async function compareWith(theirs: Theirs, kind: string, folder: string, photo: string): Promise<string[]> {
  const lines: string[] = [];
  const image = await readPpm(photo);
  for (const precision of ['fp32', 'fp16', 'q8'] as const) {
    const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 2 });
    const opened = await Family.open({ files: folderSource(folder, kind), runtime, precision });
    // A family has its towers at 8 bit only where they lose little; what they would lose is measured here.
    const sessions = new Map<string, ReturnType<NodeRuntime['load']>>();
    const session = (name: 'image-tower' | 'text-tower') => {
      if (precision !== 'q8') return opened.session(name);
      const { files, build } = graphOf(opened.manifest, name);
      const key = files[0]!;
      const source = new FileHandleSource(join(folder, opened.manifest.files[key]!.path));
      if (!sessions.has(name))
        sessions.set(
          name,
          runtime.load(build(mergeWeights(readSafetensors(source, key)), { precision, device: 'cpu' }), { name }),
        );
      return sessions.get(name)!;
    };
    const space = new Space({ runtime, manifest: opened.manifest, session, tokenizer: () => opened.tokenizer() });
    const lane = new Scheduler().lane();
    await space.encodeImage(image, lane);
    const start = performance.now();
    const { embedding } = await space.encodeImage(image, lane);
    const ms = performance.now() - start;
    const words = await space.encodeTexts(texts, lane);
    const ids = await Promise.all(texts.map((text) => space.textTokens(text)));
    const sameIds = ids.filter((row, i) => row.join() === theirs.ids[i]!.join()).length;
    const ofImage = against(embedding.values, theirs.image);
    const ofTexts = words.map(({ values }, i) => against(values, theirs.texts[i]!));
    const worst = (key: keyof Compared) => Math.max(...ofTexts.map((one) => one[key]));
    lines.push(
      `${`${kind} ${precision}${precision === 'q8' ? ' (both towers)' : ''}`.padEnd(32)} ` +
        `${ofImage.largest.toExponential(1).padStart(8)} ${worst('largest').toExponential(1).padStart(8)}  ${sameIds}/${ids.length}    ` +
        `${ofImage.cosineLoss.toExponential(1)}, ${worst('cosineLoss').toExponential(1)}      ${ms.toFixed(0)}, ${(1000 * theirs.imageSeconds).toFixed(0)}`,
    );
    await runtime.close();
  }
  return lines;
}

/** Largest difference as a share of the largest value, and 1 - cosine. */
function against(ours: Float32Array, theirs: readonly number[]): Compared {
  const [largest, dot, a, b] = theirs.reduce(
    ([l, d, x, y], value, i) => [Math.max(l, Math.abs(value)), d + value * ours[i]!, x + ours[i]! ** 2, y + value ** 2],
    [0, 0, 0, 0],
  ) as [number, number, number, number];
  return {
    largest: Math.max(...theirs.map((value, i) => Math.abs(value - ours[i]!))) / largest,
    cosineLoss: Math.max(0, 1 - dot / Math.sqrt(a * b)),
  };
}
