import { describe, expect, it } from 'vitest';
import wrappers from '../../files/goldens/wrappers.json';
import { readCheckpoint } from '../../files/checkpoint';
import type { CheckpointFile } from '../../files/types';
import type { Manifest } from '../../manifest';
import { clipShapes } from './clip';
import { cocaShapes, cocaSizes } from './coca-shapes';
import { importCheckpoint } from './import-checkpoint';
import { publishedSources } from './kinds';
import { clipTokens, emptyWeights, file, MemorySink } from './test-files';
import { unwrapped } from './wrappers';

const [b32, l14] = [cocaShapes(cocaSizes['ViT-B/32']), cocaShapes(cocaSizes['ViT-L/14'])];
const weights = (shapes: ReadonlyMap<string, readonly number[]>, prefix = '') =>
  emptyWeights(
    'open_clip_pytorch_model.safetensors',
    new Map([['logit_scale', []] as const, ...shapes].map(([name, dims]) => [prefix + name, dims])),
  );
const run = async (kind: string, files: CheckpointFile[], base?: Manifest) => {
  const sink = new MemorySink();
  return { manifest: await importCheckpoint({ kind, name: 'mine', files: [...files, clipTokens], base, sink }), sink };
};
const config = (change: (cfg: { embed_dim: number; text_cfg: object; vision_cfg: object }) => void = () => {}) => {
  const text = { context_length: 76, vocab_size: 49408, width: 512, heads: 8, layers: 12 };
  const model_cfg = {
    embed_dim: 512,
    vision_cfg: {
      image_size: 224,
      layers: 12,
      width: 768,
      patch_size: 32,
      attentional_pool: true,
      attn_pooler_heads: 8,
    },
    text_cfg: { ...text, embed_cls: true },
    multimodal_cfg: { ...text, attn_pooler_heads: 8 },
    custom_text: true,
  };
  change(model_cfg);
  return file('open_clip_config.json', JSON.stringify({ model_cfg, preprocess_cfg: {} }));
};
const values = (shapes: ReadonlyMap<string, readonly number[]>) =>
  [...shapes.values()].reduce((sum, dims) => sum + dims.reduce((product, n) => product * n, 1), 0);

describe('CoCa of open_clip', () => {
  it('has the tensors that the package has, and values by the hundred million', () => {
    // The file's own logit_scale makes one more.
    expect([b32.size + 1, l14.size + 1]).toEqual([629, 773]);
    expect([values(b32) / 1e6, values(l14) / 1e6].map((n) => n.toFixed(1))).toEqual(['253.6', '638.5']);
  });

  it('is a space and its decoder where it is a base model, its configuration built in', async () => {
    const { manifest, sink } = await run('coca-vit-b32', [weights(b32)]);
    expect(manifest.space).toMatchObject({
      name: 'coca-vit-b32-laion2b',
      dim: 512,
      image: { size: 224, fit: 'crop' },
      text: { context: 76, bos: 49406, eos: 49407, classToken: 49408, cleaning: 'openai' },
    });
    expect(Object.keys(manifest.graphs!)).toEqual([
      'image-tower',
      'text-tower',
      'coca.pooler',
      'coca.cross',
      'coca.decoder',
      'coca.pooler-map',
      'coca.decoder-map',
    ]);
    expect(manifest.decoders.coca!.languageModel).toMatchObject({ layers: 24, heads: 8, width: 512, positions: 76 });
    expect(manifest.decoders.coca!.refused!.rerank).toMatch(/the space coca-vit-b32-laion2b itself/);
    expect(manifest.licence).toMatch(/MIT/);
    expect([...sink.files.keys()].sort()).toEqual([
      'coca-space-decoder.safetensors',
      'coca-space-image.safetensors',
      'coca-space-text.safetensors',
      'coca-space-tokenizer.json',
      'manifest.json',
    ]);
  });

  it('joins another space where it is fine-tuned, reads photos by its own tower, and says who scores', async () => {
    const { manifest: base } = await run('clip-vit-b32', [
      emptyWeights('ViT-B-32.safetensors', clipShapes({ ...clip, dim: 512 })),
    ]);
    const { manifest, sink } = await run('coca', [weights(b32), config()], base);
    expect(manifest.space).toEqual(base.space);
    expect(manifest.graphs!['coca.image']).toMatchObject({ network: 'open-clip-coca-image', files: ['cocaImage'] });
    expect(manifest.graphs!['coca.image']!.settings).not.toHaveProperty('dim');
    expect(manifest.decoders.coca!.image).toMatchObject({ size: 224, fit: 'crop' });
    expect(manifest.decoders.coca!.refused!.rerank).toMatch(
      /fine-tuned on captions alone.*worth nothing.*0\.8 %.*The space clip-vit-b32 scores its captions/,
    );
    expect(sink.kept).toEqual(expect.arrayContaining(['clip-image.safetensors', 'clip-text.safetensors']));
  });

  it.each(['module.', 'state_dict.module.', 'state_dict.model.'])('is found under "%s"', (prefix) => {
    const plain = unwrapped(readCheckpoint([weights(b32, prefix)]), ['visual.attn_pool.query'], 'CoCa');
    expect([...plain.names()].sort()).toEqual(['logit_scale', ...b32.keys()].sort());
  });

  it('is in the catalog with the files that there are', () => {
    const files = (name: string) => publishedSources.find((one) => one.name === name)!.files.map(({ path }) => path);
    const [bin, tokenizer] = ['open_clip_pytorch_model.bin', 'tokenizer.json'];
    expect(files('coca-vit-b32')).toEqual([bin, tokenizer]);
    expect(files('coca-vit-l14')).toEqual([bin, tokenizer]);
    expect(files('coca-vit-b32-coco')).toEqual([bin, 'open_clip_config.json', tokenizer]);
    expect(files('coca-vit-l14-coco')).toEqual([
      'open_clip_pytorch_model.safetensors',
      'open_clip_config.json',
      tokenizer,
    ]);
    for (const one of publishedSources.filter(({ name }) => name.startsWith('coca')))
      expect(one.licence).toMatch(/MIT/);
  });
});

const clip = {
  image: { size: 224, patch: 32, width: 768, layers: 12, heads: 12 },
  text: { width: 512, layers: 12, heads: 8 },
};

describe('what is no CoCa of open_clip, or another', () => {
  it.each([
    ['coca-vit-b32', weights(l14), /no CoCa ViT-B\/32: it (lacks|has) .*(another architecture|another size)/],
    ['coca-vit-l14', weights(b32), /no CoCa ViT-L\/14: it lacks .*resblocks\.12/],
    [
      'coca',
      weights(new Map([...b32, ['visual.conv1.weight', [768, 3, 16, 16]]])),
      /no CoCa of ViT-B\/32 or ViT-L\/14: its visual\.conv1\.weight is \[768, 3, 16, 16\]/,
    ],
    ['coca-vit-b32', weights(new Map([...b32].filter(([name]) => name !== 'text.cls_emb'))), /lacks text\.cls_emb/],
    ['coca-vit-b32', weights(new Map([...b32, ['text.extra', [3]]])), /no place for: text\.extra/],
  ])('%s: is refused in words', async (kind, given, message) => {
    const base = kind === 'coca' ? (await run('coca-vit-b32', [weights(b32)])).manifest : undefined;
    await expect(run(kind, [given], base)).rejects.toMatchObject({
      code: 'weights-invalid',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['another size', config((cfg) => Object.assign(cfg, { embed_dim: 768 })), /it says embed_dim 768, and .* has 512/],
    [
      'another mask',
      config((cfg) => Object.assign(cfg.text_cfg, { correct_cls_mask: true })),
      /it says text_cfg\.correct_cls_mask true, and .* has false/,
    ],
    [
      'another patch',
      config((cfg) => Object.assign(cfg.vision_cfg, { patch_size: 14 })),
      /contradicts the tensors.*patch_size 14.*has 32/,
    ],
    ['another model', file('open_clip_config.json', '{"model_cfg":{"embed_dim":512}}'), /describes no CoCa/],
    ['no JSON', file('open_clip_config.json', '{"model_cfg'), /is not JSON/],
  ])('a configuration of %s is refused', async (_, given, message) => {
    await expect(run('coca-vit-b32', [weights(b32), given])).rejects.toMatchObject({
      code: 'weights-invalid',
      message: expect.stringMatching(message) as string,
    });
  });

  it('a cut .bin is refused, before anything is written', async () => {
    const whole = Uint8Array.from(atob((wrappers.files as Record<string, string>).itself!), (c) => c.charCodeAt(0));
    const sink = new MemorySink();
    const files = [file('open_clip_pytorch_model.bin', whole.subarray(0, whole.length >> 1)), clipTokens];
    await expect(importCheckpoint({ kind: 'coca-vit-b32', name: 'mine', files, sink })).rejects.toMatchObject({
      code: expect.stringMatching(/^weights-/) as string,
      message: expect.not.stringMatching(/undefined|TypeError/) as string,
    });
    expect([...sink.files.keys()]).toEqual([]);
  });

  it.each([
    ['/data/mscoco_finetuned_CoCa-ViT-B-32-laion2B-s13B-b90k', 'open_clip_pytorch_model.bin'],
    [
      '/cache/models--laion--mscoco_finetuned_CoCa-ViT-B-32-laion2B-s13B-b90k/snapshots/1a2b',
      'open_clip_pytorch_model.bin',
    ],
    ['C:\\weights', 'coca_b32_finetuned.bin'],
  ])(
    'the fine-tuned file in %s, under the base name, is refused without a guess, before anything is written',
    async (folder, name) => {
      const sink = new MemorySink();
      const importing = (options: Record<string, string>) =>
        importCheckpoint({
          kind: 'coca-vit-b32',
          name: 'mine',
          files: [{ ...weights(b32), name, folder }, clipTokens],
          options,
          sink,
        });
      await expect(importing({})).rejects.toMatchObject({
        code: 'weights-invalid',
        message: expect.stringMatching(/fine-tuned on captions, by the name.*import it as coca with --base/) as string,
      });
      expect(sink.files.size).toBe(0);
      await expect(importing({ contrast: 'unchecked' })).resolves.toMatchObject({ family: 'mine' });
    },
  );

  it('a base model in the folder of its own repository is no fine-tuned one', async () => {
    const folder = '/data/CoCa-ViT-B-32-laion2B-s13B-b90k';
    await expect(run('coca-vit-b32', [{ ...weights(b32), folder }])).resolves.toBeTruthy();
  });

  it('a space is needed for one that is fine-tuned, and the name of one that fits is told', async () => {
    await expect(run('coca', [weights(b32)])).rejects.toMatchObject({
      code: 'weights-missing',
      message: expect.stringMatching(/models pull clip-vit-b32/) as string,
    });
  });
});
