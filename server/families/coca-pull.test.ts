import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../models/files/safetensors';
import { type TorchState, torchFileOf } from '../../models/files/test-torch';
import { numbers } from '../../models/networks/goldens/golden';
import { smallSizes, smallTokenizer, smallWeights } from '../../models/test-open-clip-coca';
import { cocaShapes, cocaSizes, type CocaSizes } from '../../models/weights/import/coca-shapes';
import { cocaConfig } from '../bench/catalog/checkpoints';
import { inProcess } from '../cli/test-cli';
import { TestHub } from '../hub/test-hub';
import { importFamily } from '../weights/import-family';
import { writeAnswers } from '../weights/write-answers';
import { Installer } from './install';
import { publishedModels } from './published';
import { smallPublishedFamily } from './small-published';
import { FamilyStore } from './store';

// All four checkpoints under the addresses of the catalog, in the published layouts and small widths. The published
// sizes themselves: `npm run bench -- catalog coca`.
const small: CocaSizes = smallSizes;
const large: CocaSizes = { ...small, image: { ...small.image, width: 32, layers: 1 } };
const published = { ...cocaSizes };
const folder = mkdtempSync(join(tmpdir(), 'studio-coca-pull-'));
const dirs = { embedded: 'models', installed: join(folder, 'families') };
const store = new FamilyStore(dirs);
const at = (name: string) => join(folder, name);
const familyFolder = (name: string) => join(dirs.installed, name);
let hub: TestHub;
let installer: Installer;
const studio = (...args: string[]) =>
  inProcess(args, { env: { ...process.env, STUDIO_DEVICE: 'cpu', STUDIO_INSTALLED_DIR: dirs.installed } });

type Weights = Record<string, { dims: number[]; values: Float32Array }>;
function weightsOf(sizes: CocaSizes): Weights {
  const golden = smallWeights();
  const values = (name: string, dims: readonly number[]) =>
    sizes === small ? golden.get(name).values : numbers(name, dims, /ln_\w+\.weight$/.test(name) ? 1 : 0, 0.3);
  return Object.fromEntries(
    [['logit_scale', []] as const, ...cocaShapes(sizes)].map(([name, dims]) => [
      name,
      { dims: [...dims], values: Float32Array.from(name === 'logit_scale' ? [2.6] : values(name, dims)) },
    ]),
  );
}
const inTraining = (weights: Weights): TorchState => ({
  epoch: 3,
  state_dict: Object.fromEntries(Object.entries(weights).map(([name, one]) => [`module.${name}`, one])),
  optimizer: { state: { 0: { step: 7, exp_avg: { dims: [2], values: Float32Array.of(1, 2) } } } },
});
const configOf = (sizes: CocaSizes, more: object = {}) => {
  const config = JSON.parse(cocaConfig(sizes)) as { model_cfg: object };
  return JSON.stringify({ ...config, model_cfg: { ...config.model_cfg, ...more } });
};
/** With the few tokens by which CLIP's own is known. */
const tokenizer = smallTokenizer({ 'a</w>': 320, '<|startoftext|>': 49406, '<|endoftext|>': 49407 });
const [b32, l14] = [weightsOf(small), weightsOf(large)];
const files = {
  'coca-vit-b32': { 'open_clip_pytorch_model.bin': torchFileOf(b32) },
  'coca-vit-l14': { 'open_clip_pytorch_model.bin': torchFileOf(inTraining(l14)) },
  'coca-vit-b32-coco': {
    'open_clip_pytorch_model.bin': torchFileOf(b32),
    'open_clip_config.json': configOf(small),
  },
  'coca-vit-l14-coco': {
    'open_clip_pytorch_model.safetensors': writeSafetensors(l14),
    'open_clip_config.json': configOf(large),
  },
};

beforeAll(async () => {
  Object.assign(cocaSizes, { 'ViT-B/32': small, 'ViT-L/14': large });
  hub = await TestHub.start();
  hub.put('openai/clip-vit-base-patch32', 'tokenizer.json', tokenizer, { small: true });
  for (const [name, contents] of Object.entries(files)) {
    const { repository } = publishedModels.find((one) => one.name === name)!.files[0]!;
    for (const [path, content] of Object.entries(contents))
      hub.put(repository, path, content, { small: path.endsWith('.json') });
  }
  // The space that the fine-tuned ones join.
  await mkdir(familyFolder('clip-vit-b32'), { recursive: true });
  for (const [path, bytes] of Object.entries(smallPublishedFamily('clip-vit-b32')))
    writeFileSync(join(familyFolder('clip-vit-b32'), path), bytes);
  await sharp({ create: { width: 80, height: 64, channels: 3, background: '#4c8b3b' } })
    .png()
    .toFile(at('green.png'));
  installer = new Installer(
    store,
    { endpoint: hub.endpoint, stallMs: 2_000, retryMs: 5 },
    publishedModels,
    async ({ files: paths, base, out, ...job }, { onProgress, signal }) => {
      await importFamily({
        ...job,
        files: paths.map((path) => ({ path })),
        ...(base ? { base: familyFolder(base) } : {}),
        into: out,
        onProgress: ({ what, done, total }) => onProgress(what, done, total),
        ...(signal ? { signal } : {}),
      });
    },
    async ({ folder: into, base }) => {
      await writeAnswers(into, base ? { base: familyFolder(base) } : {});
    },
  );
});
afterAll(async () => {
  Object.assign(cocaSizes, published);
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(Object.keys(files) as (keyof typeof files)[])('%s', (name) => {
  it('is pulled, imported and checked, and captions on the command line as its authors do', async () => {
    await installer.pull(await installer.plan(name));
    expect((await studio('models', 'verify', name)).out).toMatch(new RegExp(`${name}: all \\d+ files are whole`));
    const list = JSON.parse((await studio('models', 'list', '--json')).out) as {
      families: { name: string; space: string; decoders: string[] }[];
    };
    const fineTuned = name.endsWith('-coco');
    expect(list.families.find((family) => family.name === name)).toMatchObject({
      space: fineTuned ? 'clip-vit-b32-space' : `${name}-laion2b`,
      decoders: expect.arrayContaining(['coca']) as unknown,
    });
    const said: string[] = [];
    for (const mode of ['open_clip-3.3.0', 'open_clip-main']) {
      const { status, out, err } = await studio(
        ...[
          'caption',
          at('green.png'),
          '--family',
          name,
          '--decoder',
          'coca',
          '--option',
          `coca.mode=${mode}`,
          '--json',
        ],
      );
      expect([status, err]).toEqual([0, expect.not.stringMatching(/\n\s+at /)]);
      const answer = JSON.parse(out) as { captions: { caption: string }[] };
      said.push(answer.captions[0]!.caption);
    }
    for (const caption of said) expect(caption.split(' ').length).toBeGreaterThan(3);
    if (!fineTuned) return;
    // Its contrastive half is refused, with the reason and who scores instead.
    const refused = await studio(
      ...['caption', at('green.png'), '--family', name, '--decoder', 'coca', '--option', 'coca.rerank=2'],
    );
    expect(refused.status).toBeGreaterThan(0);
    expect(refused.err).toMatch(
      /fine-tuned on captions alone.*worth nothing.*The space clip-vit-b32-space scores its captions: jointRerank/s,
    );
  }, 120_000);
});

describe('a file that is not what it is called', () => {
  const whole = files['coca-vit-b32']['open_clip_pytorch_model.bin'];
  it.each([
    ['another size', 'coca-vit-b32', { 'x.bin': torchFileOf(l14) }, /no CoCa ViT-B\/32: it .*(lacks|has)/],
    [
      'the fine-tuned file under the base name',
      'coca-vit-b32',
      { 'x.bin': whole },
      /no joint space.*fine-tuned.*--base/s,
    ],
    [
      'a config that contradicts the tensors',
      'coca',
      { 'x.bin': whole, 'open_clip_config.json': configOf(small, { embed_dim: 64 }) },
      /contradicts the tensors: it says embed_dim 64/,
    ],
    ['a cut .bin', 'coca-vit-b32', { 'x.bin': whole.subarray(0, whole.length * 0.7) }, /x\.bin/],
    [
      'an average beside the weights',
      'coca-vit-b32',
      { 'x.bin': torchFileOf({ ...inTraining(b32), ema: { ...b32 } }) },
      /holds CoCa ViT-B\/32 2 times, under/,
    ],
  ] satisfies [string, string, Record<string, Uint8Array | string>, RegExp][])(
    '%s is refused, and nothing is left of it',
    async (_, kind, contents, message) => {
      const given = at('given');
      rmSync(given, { recursive: true, force: true });
      await mkdir(given);
      for (const [path, content] of Object.entries({ 'tokenizer.json': tokenizer, ...contents }))
        writeFileSync(join(given, path), content);
      const before = readdirSync(dirs.installed);
      await expect(
        installer.import({
          kind,
          name: 'wrong',
          files: readdirSync(given).map((path) => join(given, path)),
          ...(kind === 'coca' ? { base: 'clip-vit-b32' } : {}),
        }),
      ).rejects.toMatchObject({ code: 'weights-invalid', message: expect.stringMatching(message) as string });
      expect(readdirSync(dirs.installed)).toEqual(before);
      expect(existsSync(join(dirs.installed, '.staging/wrong'))).toBe(false);
    },
  );
});
