import { describe, expect, it } from 'vitest';
import { type CheckpointFile } from '../../files/types';
import { readCheckpoint } from '../../files/checkpoint';
import type { Manifest } from '../../manifest';
import { numbers } from '../../networks/goldens/golden';
import { readSafetensors, writeSafetensors } from '../../files/safetensors';
import { clipShapes, clipTensors } from './clip';
import { gpt2Tensors } from './gpt2';
import { importCheckpoint } from './import-checkpoint';
import type { OutTensor } from './types';
import { clipTokens, emptyWeights, file, gpt2Tokens, MemorySink } from './test-files';

type Shapes = Map<string, readonly number[]>;
const b32 = {
  image: { size: 224, patch: 32, width: 768, layers: 12, heads: 12 },
  text: { width: 512, layers: 12, heads: 8 },
  dim: 512,
};
const b16 = { ...b32, image: { ...b32.image, patch: 16 } };
const l14 = {
  image: { size: 224, patch: 14, width: 1024, layers: 24, heads: 16 },
  text: { width: 768, layers: 12, heads: 12 },
  dim: 768,
};
const rn50x4 = {
  image: { size: 288, width: 80, layers: [4, 6, 10, 6], heads: 40 },
  text: { width: 640, layers: 12, heads: 10 },
  dim: 640,
};
const gpt = { width: 768, layers: 12, vocabulary: 50257, positions: 1024 };

const prefixed = (prefix: string, shapes: Shapes): Shapes =>
  new Map([...shapes].map(([name, dims]) => [prefix + name, dims]));
const clipcap = (more: Shapes): Shapes => new Map([...prefixed('gpt.', gpt2Tensors(gpt)), ...more]);
const mlp: Shapes = new Map([
  ['clip_project.model.0.weight', [3840, 512]],
  ['clip_project.model.0.bias', [3840]],
  ['clip_project.model.2.weight', [7680, 3840]],
  ['clip_project.model.2.bias', [7680]],
]);
/** ClipCap's transformer, two layers of it: the number is read from the file. */
function transformer(dim: number): Shapes {
  const shapes: Shapes = new Map<string, readonly number[]>([
    ['clip_project.linear.weight', [40 * 768, dim]],
    ['clip_project.linear.bias', [40 * 768]],
    ['clip_project.prefix_const', [40, 768]],
  ]);
  for (const layer of [0, 1]) {
    const stem = `clip_project.transformer.layers.${layer}`;
    for (const norm of ['norm1', 'norm2'])
      shapes.set(`${stem}.${norm}.weight`, [768]).set(`${stem}.${norm}.bias`, [768]);
    shapes
      .set(`${stem}.attn.to_queries.weight`, [768, 768])
      .set(`${stem}.attn.to_keys_values.weight`, [1536, 768])
      .set(`${stem}.attn.project.weight`, [768, 768])
      .set(`${stem}.attn.project.bias`, [768]);
    shapes
      .set(`${stem}.mlp.fc1.weight`, [1536, 768])
      .set(`${stem}.mlp.fc1.bias`, [1536])
      .set(`${stem}.mlp.fc2.weight`, [768, 1536])
      .set(`${stem}.mlp.fc2.bias`, [768]);
  }
  return shapes;
}
const decap: Shapes = new Map([
  ...prefixed('decoder.', gpt2Tensors({ ...gpt, layers: 4 })),
  ['clip_project.model.0.weight', [768, 512]],
  ['clip_project.model.0.bias', [768]],
]);

/** A CLIP in Hugging Face's layout. */
function huggingFace({ image, text, dim }: typeof b32 = b32): Shapes {
  const shapes: Shapes = new Map<string, readonly number[]>([
    ['logit_scale', []],
    ['visual_projection.weight', [dim, image.width]],
    ['text_projection.weight', [dim, text.width]],
    ['vision_model.embeddings.class_embedding', [image.width]],
    ['vision_model.embeddings.patch_embedding.weight', [image.width, 3, image.patch, image.patch]],
    ['vision_model.embeddings.position_embedding.weight', [(image.size / image.patch) ** 2 + 1, image.width]],
    ['vision_model.embeddings.position_ids', [1, (image.size / image.patch) ** 2 + 1]],
    ['text_model.embeddings.token_embedding.weight', [49408, text.width]],
    ['text_model.embeddings.position_embedding.weight', [77, text.width]],
  ]);
  const linear = (stem: string, out: number, inputs?: number) =>
    shapes.set(`${stem}.weight`, inputs ? [out, inputs] : [out]).set(`${stem}.bias`, [out]);
  linear('vision_model.pre_layrnorm', image.width);
  linear('vision_model.post_layernorm', image.width);
  linear('text_model.final_layer_norm', text.width);
  for (const [tower, width, layers] of [
    ['vision_model', image.width, image.layers],
    ['text_model', text.width, text.layers],
  ] as const)
    for (let layer = 0; layer < layers; layer++) {
      const stem = `${tower}.encoder.layers.${layer}`;
      linear(`${stem}.layer_norm1`, width);
      linear(`${stem}.layer_norm2`, width);
      for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) linear(`${stem}.self_attn.${part}`, width, width);
      linear(`${stem}.mlp.fc1`, 4 * width, width);
      linear(`${stem}.mlp.fc2`, width, 4 * width);
    }
  return shapes;
}
type Values = Record<string, { dims: readonly number[]; values: Float32Array }>;
/** A CLIP under Hugging Face's names, from OpenAI's: queries, keys and values apart, projections turned. */
function asHuggingFace(plain: Values): Values {
  const out: Values = { logit_scale: { dims: [1], values: Float32Array.of(4.6) } };
  const fixed: Record<string, string> = {
    'visual.class_embedding': 'vision_model.embeddings.class_embedding',
    'visual.conv1.weight': 'vision_model.embeddings.patch_embedding.weight',
    'visual.positional_embedding': 'vision_model.embeddings.position_embedding.weight',
    'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
    positional_embedding: 'text_model.embeddings.position_embedding.weight',
  };
  const parts: [RegExp, string][] = [
    [/^visual\.transformer\.resblocks/, 'vision_model.encoder.layers'],
    [/^transformer\.resblocks/, 'text_model.encoder.layers'],
    [/^visual\.ln_pre/, 'vision_model.pre_layrnorm'],
    [/^visual\.ln_post/, 'vision_model.post_layernorm'],
    [/^ln_final/, 'text_model.final_layer_norm'],
    [/\.ln_(?=[12]\.)/, '.layer_norm'],
    [/\.attn\.out_proj/, '.self_attn.out_proj'],
    [/\.mlp\.c_fc/, '.mlp.fc1'],
    [/\.mlp\.c_proj/, '.mlp.fc2'],
  ];
  for (const [name, { dims, values }] of Object.entries(plain)) {
    const renamed = parts.reduce((text, [from, to]) => text.replace(from, to), name);
    const packed = /^(.*)\.attn\.in_proj_(weight|bias)$/.exec(renamed);
    if (fixed[name]) out[fixed[name]] = { dims, values };
    else if (name === 'visual.proj' || name === 'text_projection') {
      const [rows, columns] = dims as [number, number];
      out[name === 'visual.proj' ? 'visual_projection.weight' : 'text_projection.weight'] = {
        dims: [columns, rows],
        values: Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!),
      };
    } else if (packed) {
      const third = values.length / 3;
      ['q_proj', 'k_proj', 'v_proj'].forEach(
        (part, i) =>
          (out[`${packed[1]}.self_attn.${part}.${packed[2]}`] = {
            dims: [dims[0]! / 3, ...dims.slice(1)],
            values: values.slice(i * third, (i + 1) * third),
          }),
      );
    } else out[renamed] = { dims, values };
  }
  return out;
}
const floats = (tensor: OutTensor) => new Float32Array(tensor.bytes().slice().buffer);
const openClip = (shapes: Shapes): Shapes =>
  new Map([...shapes].map(([name, dims]) => [name.startsWith('visual.') ? name : `text.${name}`, dims]));

async function run(
  kind: string,
  files: CheckpointFile[],
  base?: Manifest,
  options?: Record<string, number | string | boolean>,
) {
  const sink = new MemorySink();
  const embedTexts = async (texts: readonly string[]) =>
    texts.map((text) => Float32Array.from({ length: base!.space.dim }, (_, i) => Math.sin(i + text.length)));
  const manifest = await importCheckpoint({ kind, files, name: `my-${kind}`, base, options, sink, embedTexts });
  return { manifest, sink };
}
const weights = (shapes: Shapes, name = 'model.safetensors') => emptyWeights(name, shapes);
const space = async () => (await run('clip-vit-b32', [weights(clipShapes(b32)), clipTokens])).manifest;
const without = (shapes: Shapes, name: string): Shapes => new Map([...shapes].filter(([key]) => key !== name));

describe('importing a space', () => {
  it.each([
    ['OpenAI', 'clip-vit-b32', b32, clipShapes(b32)],
    ['open_clip with a text tower of its own', 'clip-vit-b32', b32, openClip(clipShapes(b32))],
    ['Hugging Face', 'clip-vit-b32', b32, huggingFace(b32)],
    ['OpenAI', 'clip-vit-b16', b16, clipShapes(b16)],
    ['open_clip', 'clip-vit-b16', b16, openClip(clipShapes(b16))],
    ['Hugging Face', 'clip-vit-b16', b16, huggingFace(b16)],
    ['OpenAI', 'clip-vit-l14', l14, clipShapes(l14)],
    ['open_clip', 'clip-vit-l14', l14, openClip(clipShapes(l14))],
    ['Hugging Face', 'clip-vit-l14', l14, huggingFace(l14)],
    ['OpenAI', 'clip-rn50x4', rn50x4, clipShapes(rn50x4)],
    ['open_clip', 'clip-rn50x4', rn50x4, openClip(clipShapes(rn50x4))],
  ] as const)("reads %s's names of %s", async (_, kind, tower, shapes) => {
    const { manifest, sink } = await run(kind, [weights(shapes), clipTokens]);
    const network = kind === 'clip-rn50x4' ? 'clip-resnet' : 'clip-vit';
    expect(manifest).toMatchObject({
      family: `my-${kind}`,
      space: {
        name: kind,
        dim: tower.dim,
        image: { size: tower.image.size, fit: 'crop' },
        text: { context: 77, bos: 49406, eos: 49407, tower: tower.text },
      },
      graphs: {
        'image-tower': { network, settings: network === 'clip-vit' ? { activation: 'quick-gelu' } : {} },
        'text-tower': { network: 'clip-text' },
      },
      decoders: {},
    });
    // Whatever the layout, the same tensors come out.
    const parameters = [...clipShapes(tower).values()].reduce((sum, dims) => sum + dims.reduce((a, b) => a * b, 1), 0);
    const bytes = sink.files.get('clip-image.safetensors')!.bytes + sink.files.get('clip-text.safetensors')!.bytes;
    expect(bytes).toBeGreaterThan(2 * parameters);
    expect(bytes).toBeLessThan(2 * parameters + 100_000);
    expect([...sink.files.keys()].at(-1)).toBe('manifest.json');
  });

  it('puts each value in its place, whatever the layout', () => {
    const tower = {
      image: { size: 32, patch: 16, width: 12, layers: 2, heads: 2 },
      text: { width: 8, layers: 2, heads: 2 },
      dim: 6,
    };
    const shapes = clipShapes(tower);
    const plain = Object.fromEntries(
      [...shapes].map(([name, dims]) => [name, { dims, values: numbers(name, dims, 0, 1) }]),
    );
    const layouts = [
      plain,
      Object.fromEntries(
        Object.entries(plain).map(([name, tensor]) => [
          name.startsWith('visual.') ? `module.${name}` : `module.text.${name}`,
          tensor,
        ]),
      ),
      asHuggingFace(plain),
    ];
    for (const tensors of layouts) {
      const read = clipTensors(
        readCheckpoint([file('model.safetensors', writeSafetensors(tensors))]),
        tower,
        'small CLIP',
      );
      // In one order too: the same weights make the same file.
      expect([...read.keys()]).toEqual([...shapes.keys()]);
      for (const [name, { dims, values }] of Object.entries(plain)) {
        const tensor = read.get(name)!;
        expect(tensor.dims, name).toEqual(dims);
        const read32 = floats(tensor);
        expect(read32.length === values.length && values.every((value, i) => value === read32[i]), name).toBe(true);
      }
    }
  });

  it('reads RN50x4 and shards', async () => {
    const all = [...clipShapes(rn50x4)];
    const shards = [new Map(all.slice(0, 100)), new Map(all.slice(100))].map((part, i) =>
      weights(part, `model-0000${i + 1}-of-00002.safetensors`),
    );
    const index = file(
      'model.safetensors.index.json',
      JSON.stringify({ weight_map: { a: shards[0]!.name, b: shards[1]!.name } }),
    );
    const { manifest } = await run('clip-rn50x4', [...shards, index, clipTokens]);
    expect(manifest).toMatchObject({
      space: { dim: 640, image: { size: 288 } },
      graphs: { 'image-tower': { network: 'clip-resnet', settings: { width: 80, layers3: 10 } } },
    });
    await expect(run('clip-rn50x4', [shards[0]!, index, clipTokens])).rejects.toMatchObject({
      code: 'weights-invalid',
      message: expect.stringMatching(/model-00002-of-00002\.safetensors, which is not among the files/) as string,
    });
    await expect(run('clip-rn50x4', [shards[0]!, shards[0]!, clipTokens])).rejects.toThrow(/so does another file/);
  });

  it('takes the activation from config.json, and another activation is another space', async () => {
    const { manifest } = await run('clip-vit-b32', [
      weights(clipShapes(b32)),
      clipTokens,
      file('config.json', '{"text_config":{"hidden_act":"gelu"}}'),
    ]);
    expect(manifest.space.name).toBe('clip-vit-b32-gelu');
    expect(manifest.graphs!['text-tower']!.settings.activation).toBe('gelu');
  });

  it.each([
    ['a missing tensor', without(clipShapes(b32), 'visual.proj'), /lacks visual\.proj/],
    [
      'another size',
      clipShapes({ ...b32, dim: 640 }),
      /visual\.proj of shape \[768, 640\] where \[768, 512\] is needed/,
    ],
    ['a tensor that has no place', new Map([...clipShapes(b32), ['visual.extra', [3]]]), /no place for: visual\.extra/],
    ['another model', gpt2Tensors(gpt), /This is no CLIP ViT-B\/32: it lacks visual\.class_embedding/],
  ])('refuses %s and says which', async (_, shapes, message) => {
    await expect(run('clip-vit-b32', [weights(shapes), clipTokens])).rejects.toMatchObject({
      code: 'weights-invalid',
      message: expect.stringMatching(message) as string,
    });
  });

  it('refuses a missing or foreign tokenizer, a file without a role, an unknown option and a bad name', async () => {
    const clip = weights(clipShapes(b32));
    await expect(run('clip-vit-b32', [clip])).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/also needs CLIP's tokenizer\.json/) as string,
    });
    await expect(run('clip-vit-b32', [clip, gpt2Tokens])).rejects.toThrow(
      /not CLIP's tokenizer: its token "a<\/w>" is missing/,
    );
    await expect(run('clip-vit-b32', [clip, clipTokens, file('notes.doc', '')])).rejects.toThrow(
      /notes\.doc is none of the files/,
    );
    await expect(run('clip-vit-b32', [clip, clipTokens], undefined, { activaton: 'gelu' })).rejects.toThrow(
      /no option "activaton". It knows activation/,
    );
    await expect(
      importCheckpoint({ kind: 'clip-vit-b32', name: '../up', files: [clip, clipTokens], sink: new MemorySink() }),
    ).rejects.toThrow(/cannot name a family/);
    await expect(run('clip-vit-b64', [clip])).rejects.toThrow(
      /no kind of checkpoint "clip-vit-b64". Known are clip-vit-b32/,
    );
  });
});

describe('importing a decoder', () => {
  it('joins its base: ClipCap, then GPT-2, then DeCap, each with a language model of its own', async () => {
    const base = await space();
    const leftovers: Shapes = new Map([
      ['gpt.transformer.h.0.attn.bias', [1, 1, 8, 8]],
      ['gpt.transformer.h.0.attn.masked_bias', []],
      ['gpt.lm_head.weight', [50257, 768]],
    ]);
    const first = await run(
      'clipcap-mlp',
      [weights(new Map([...clipcap(mlp), ...leftovers]), 'coco_weights.safetensors'), gpt2Tokens],
      base,
    );
    expect(first.sink.kept.sort()).toEqual(['clip-image.safetensors', 'clip-text.safetensors', 'clip-tokenizer.json']);
    expect(first.manifest.decoders.clipcap).toMatchObject({
      input: 'raw',
      prefix: 10,
      languageModel: { eos: 13, heads: 12, tokenizer: 'gpt2Tokenizer' },
    });
    const second = await run(
      'gpt2',
      [
        weights(new Map([...gpt2Tensors(gpt)].map(([name, dims]) => [name.replace('transformer.', ''), dims]))),
        gpt2Tokens,
      ],
      first.manifest,
    );
    const captions = file('captions.jsonl', '{"captions":["A dog runs.","A cat  sits."]}\n{"caption":"A dog runs."}\n');
    const third = await run('decap', [weights(decap), captions], second.manifest);
    expect(Object.keys(third.manifest.decoders).sort()).toEqual(['clipcap', 'decap', 'iterative']);
    expect(third.manifest.decoders.decap).toMatchObject({
      memory: 2,
      begin: [49406],
      languageModel: { heads: 4, layers: 4, eos: 49407, tokenizer: 'clipTokenizer' },
    });
    expect(new TextDecoder().decode(third.sink.files.get('decap-memory.txt')!.content)).toBe(
      'A dog runs.\nA cat sits.\n',
    );
    // The list says one of them twice, and so much it weighs.
    const memory = readSafetensors(third.sink.files.get('decap-memory.safetensors')!.content!, 'memory');
    expect([...memory.get('repeats').values]).toEqual([2, 1]);
    expect(third.manifest.trainedOn).toMatch(/a memory of 3 captions, 2 of them distinct/);
    expect(third.sink.kept).toContain('clipcap-lm.safetensors');
    expect(third.manifest.files.clipcapLm).toEqual(first.manifest.files.clipcapLm);
    expect(third.manifest.licence).toMatch(/CLIP.*ClipCap.*GPT-2.*DeCap/);
  });

  it("imports CapDec with its offset, whose sign in the authors' file is that of training", async () => {
    const base = (await run('clip-rn50x4', [weights(clipShapes(rn50x4)), clipTokens])).manifest;
    const offset = emptyWeights('offset.safetensors', new Map([['offset', [640]]]));
    const { manifest } = await run('capdec', [weights(clipcap(transformer(640))), gpt2Tokens, offset], base);
    expect(manifest.decoders.capdec).toMatchObject({ input: 'unit', prefix: 40 });
    expect(manifest.graphs!['capdec.mapper']).toMatchObject({
      network: 'clipcap-transformer',
      settings: { dim: 640, spread: 40, layers: 2 },
    });
    expect(manifest.files.capdecOffset).toBeDefined();
    await expect(
      run(
        'capdec',
        [
          weights(clipcap(transformer(640))),
          gpt2Tokens,
          emptyWeights('offset.safetensors', new Map([['offset', [512]]])),
        ],
        base,
      ),
    ).rejects.toMatchObject({ code: 'embedding-mismatch' });
  });

  it('keeps spaces apart: 512 and 640, a space of another making, none at all', async () => {
    const base = await space();
    await expect(run('capdec', [weights(clipcap(transformer(640))), gpt2Tokens], base)).rejects.toMatchObject({
      code: 'embedding-mismatch',
      message: expect.stringMatching(/640 values.*clip-vit-b32.*has 512.*its space is clip-rn50x4/) as string,
    });
    await expect(
      run('decap', [weights(decap), file('c.txt', 'a dog')], { ...base, space: { ...base.space, dim: 640 } }),
    ).rejects.toMatchObject({ code: 'embedding-mismatch' });
    await expect(run('clipcap-mlp', [weights(clipcap(mlp)), gpt2Tokens], { ...base, closed: true })).rejects.toThrow(
      /of the studio's own/,
    );
    await expect(run('clipcap-mlp', [weights(clipcap(mlp)), gpt2Tokens])).rejects.toMatchObject({
      code: 'weights-missing',
      message: expect.stringMatching(/models pull clip-vit-b32/) as string,
    });
  });

  it('tells MLP and transformer apart, and refuses published embeddings that do not fit the captions', async () => {
    const base = await space();
    await expect(run('clipcap-mlp', [weights(clipcap(transformer(512))), gpt2Tokens], base)).rejects.toThrow(
      /its mapper is a transformer\. Import it as clipcap-transformer/,
    );
    const embeddings = emptyWeights('memory_clip_embeddings.safetensors', new Map([['embeddings', [3, 512]]]));
    await expect(run('decap', [weights(decap), file('c.txt', 'a dog\na cat'), embeddings], base)).rejects.toThrow(
      /holds 3 embeddings for 2 captions/,
    );
  });

  it('thins the list as it is, repeats and all, and merges no two rows whose published embeddings differ', async () => {
    const base = await space();
    const captions = file('captions.txt', 'a\nb\na\nb\na\na\n');
    const memoryOf = async (files: CheckpointFile[], options: Record<string, number>) => {
      const { sink } = await run('decap', [weights(decap), captions, ...files], base, options);
      const map = readSafetensors(sink.files.get('decap-memory.safetensors')!.content!, 'memory');
      const text = new TextDecoder().decode(sink.files.get('decap-memory.txt')!.content).trim().split('\n');
      return { text, repeats: [...map.get('repeats').values] };
    };
    expect(await memoryOf([], {})).toEqual({ text: ['a', 'b'], repeats: [4, 2] });
    expect(await memoryOf([], { memoryRows: 3 })).toEqual({ text: ['a'], repeats: [3] });
    const values = Float32Array.from({ length: 6 * 512 }, (_, i) => (i % 512 === (i < 5 * 512 ? 0 : 1) ? 1 : 0));
    const embeddings = file('embeddings.safetensors', writeSafetensors({ all: { dims: [6, 512], values } }));
    expect(await memoryOf([embeddings], {})).toEqual({ text: ['a', 'b', 'a'], repeats: [3, 2, 1] });
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const work = importCheckpoint({
      kind: 'clip-vit-b32',
      name: 'x',
      files: [weights(clipShapes(b32)), clipTokens],
      sink: new MemorySink(),
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  });
});
