import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inEnglish } from '../../models/said';
import { licenceSaid } from '../../models/weights/import/licence';
import { TestHub } from '../hub/test-hub';
import type { ImportJob } from './import-job';
import { Installer } from './install';
import { publishedModels } from './published';
import { FamilyStore } from './store';
import { copyingImporter } from './test-families';

// The catalog as it is, against a hub that has what the real one has, or lacks it.
const folder = mkdtempSync(join(tmpdir(), 'studio-published-'));
const dirs = { embedded: join(folder, 'embedded'), installed: join(folder, 'installed') };
const jobs: ImportJob[] = [];
let hub: TestHub;
const installer = () =>
  new Installer(
    new FamilyStore(dirs),
    { endpoint: hub.endpoint, stallMs: 2_000, retryMs: 5 },
    publishedModels,
    async (job, events) => {
      jobs.push(job);
      await copyingImporter()(job, events);
    },
    async () => {},
  );
/** Every file of a published model, at its first place. */
const serve = (...names: string[]) => {
  for (const name of names)
    for (const { repository, path } of publishedModels.find((one) => one.name === name)!.files)
      hub.put(repository, path, `${repository} ${path}`, { small: /json$/.test(path) });
};

beforeAll(async () => {
  hub = await TestHub.start();
});
afterAll(async () => {
  await hub.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  hub.files.clear();
  hub.licences.clear();
  jobs.length = 0;
  rmSync(folder, { recursive: true, force: true });
  for (const one of [dirs.embedded, dirs.installed]) await mkdir(one, { recursive: true });
});

describe('a published CoCa', () => {
  const clip = 'openai/clip-vit-base-patch32';
  const laion = (name: string) => `laion/${name}-laion2B-s13B-b90k`;
  it.each([
    ['coca-vit-b32', laion('CoCa-ViT-B-32'), ['open_clip_pytorch_model.bin'], 'coca-vit-b32', undefined],
    ['coca-vit-l14', laion('CoCa-ViT-L-14'), ['open_clip_pytorch_model.bin'], 'coca-vit-l14', undefined],
    [
      'coca-vit-b32-coco',
      laion('mscoco_finetuned_CoCa-ViT-B-32'),
      ['open_clip_pytorch_model.bin', 'open_clip_config.json'],
      'coca',
      'clip-vit-b32',
    ],
    [
      'coca-vit-l14-coco',
      laion('mscoco_finetuned_CoCa-ViT-L-14'),
      ['open_clip_pytorch_model.safetensors', 'open_clip_config.json'],
      'coca',
      'clip-vit-b32',
    ],
  ])('%s comes from its repository with CLIP’s tokenizer', async (name, repository, paths, kind, base) => {
    serve(name, 'clip-vit-b32');
    hub.licences.set(repository, 'mit');
    const install = installer();
    const plan = await install.plan(name);
    expect(plan.steps.map((step) => step.name)).toEqual(base ? [base, name] : [name]);
    const step = plan.steps.at(-1)!;
    expect(step.files.map((file) => [file.repository, file.path])).toEqual([
      ...paths.map((path) => [repository, path]),
      [clip, 'tokenizer.json'],
    ]);
    expect(step).toMatchObject({ kind, licenceOnHub: 'mit', licence: expect.stringMatching(/^MIT/) as string });
    expect(inEnglish(licenceSaid(step))).toBe(step.licence);
    await install.pull(plan);
    const job = jobs.at(-1)!;
    expect(job.files.map((path) => basename(path))).toEqual([...paths, 'tokenizer.json']);
    expect([job.kind, job.base]).toEqual([kind, base]);
    // A repository of the catalog is known: nothing about its space needs guessing.
    expect(job.options ?? {}).toEqual(base ? {} : { contrast: 'unchecked' });
  });
});

describe('the catalog', () => {
  it('takes the tokenizer of RN50x4 from its own repository, and the file that has both towers', async () => {
    serve('clip-rn50x4');
    const { steps } = await installer().plan('clip-rn50x4');
    expect(steps[0]!.files.map(({ repository, path }) => `${repository} ${path}`)).toEqual([
      'timm/resnet50x4_clip.openai open_clip_model.safetensors',
      'timm/resnet50x4_clip.openai tokenizer.json',
    ]);
  });

  it("has both of MAGIC's language models", async () => {
    serve('magic-mscoco', 'magic-flickr30k', 'clip-vit-b32');
    const plan = await installer().plan('magic-flickr30k');
    expect(plan.steps.at(-1)!.files[0]).toMatchObject({
      repository: 'cambridgeltl/magic_flickr30k',
      path: 'pytorch_model.bin',
    });
    await installer().pull(plan);
    expect(jobs.at(-1)).toMatchObject({ kind: 'gpt2', base: 'clip-vit-b32', options: { prompt: '' } });
  });

  it.each(['coco', 'conceptual'])('asks the mirrors of ClipCap (%s) in their order', async (which) => {
    const name = which === 'coco' ? 'clipcap-coco' : 'clipcap-cc3m';
    const [first, second] = [
      `akhaliq/CLIP-prefix-captioning-${which === 'coco' ? 'COCO' : which}-weights`,
      'Manbehindthemadness/conceptual_coco',
    ];
    serve(name, 'clip-vit-b32');
    hub.put(second, `${which}_weights.pth`, 'of the second');
    const placeOf = async () => (await installer().plan(name)).steps.at(-1)!.files[0]!;
    expect(await placeOf()).toMatchObject({ repository: first, path: `${which}_weights.pt` });

    // Gone from the first, or not given: the second has it, and the manifest tells so.
    hub.gated.add(first);
    expect(await placeOf()).toMatchObject({ repository: second });
    hub.gated.clear();
    hub.files.delete(`${first}/${which}_weights.pt`);
    const plan = await installer().plan(name);
    await installer().pull(plan);
    expect(jobs.at(-1)!.files.map((path) => basename(path))).toEqual([`${which}_weights.pth`, 'tokenizer.json']);
    const manifest = JSON.parse(await readFile(join(dirs.installed, name, 'manifest.json'), 'utf8')) as {
      origins: { repository: string }[];
    };
    expect(manifest.origins.some(({ repository }) => repository === second)).toBe(true);

    hub.files.delete(`${second}/${which}_weights.pth`);
    await expect(installer().plan(name, { as: 'again' })).rejects.toMatchObject({
      code: 'hub-missing',
      message: expect.stringMatching(
        new RegExp(
          `no .*${first}.*Nor do its mirrors have it: ${which}_weights\\.pth of ${second}\\..*github\\.com/rmokady`,
        ),
      ) as string,
    });
  });

  it.each(['0', '001', '015', '025'])(
    'says where the authors of CapDec keep their files when the mirror (%s) lacks them',
    async (noise) => {
      serve('clip-rn50x4');
      await expect(installer().plan(`capdec-coco-${noise}`)).rejects.toMatchObject({
        code: 'hub-missing',
        message: expect.stringMatching(
          new RegExp(
            `johko/capdec_${noise}.*authors keep .*nine noise levels.*Drive folder.*README of https://github\\.com/DavidHuji/CapDec.*models import capdec FILE\\.\\.\\. --name capdec-coco-${noise} --base clip-rn50x4`,
          ),
        ) as string,
      });
    },
  );

  it('tells whose word a licence is where the hub’s page states none, and what it states where that is another', async () => {
    serve('clip-vit-b32', 'capdec-coco-0', 'clip-rn50x4');
    const licence = async (name: string) => {
      const { steps } = await installer().plan(name);
      return inEnglish(licenceSaid(steps.at(-1)!));
    };
    expect(await licence('clip-vit-b32')).toBe(
      'MIT (OpenAI CLIP), as https://github.com/openai/CLIP says; the hub states none',
    );
    hub.licences.set('openai/clip-vit-base-patch32', 'mit');
    expect(await licence('clip-vit-b32')).toBe('MIT (OpenAI CLIP), as https://github.com/openai/CLIP says');
    hub.licences.set('johko/capdec_0', 'apache-2.0');
    expect(await licence('capdec-coco-0')).toBe(
      'none stated by the authors, as https://github.com/DavidHuji/CapDec says; the hub’s page states apache-2.0',
    );
  });

  it('states a licence of everything, and whose word it is of what the hub may leave open', () => {
    for (const { name, licence, licenceAt, files } of publishedModels) {
      expect(licence, name).not.toBe('');
      const stated = files.some(
        ({ repository }) => /^(laion|openai-community)\//.test(repository) && files[0]!.repository === repository,
      );
      if (!stated) expect(licenceAt, name).toMatch(/^https:\/\/github\.com\//);
    }
  });
});
