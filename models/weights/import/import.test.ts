import { describe, expect, it } from 'vitest';
import type { CheckpointFile } from '../checkpoint';
import type { Manifest } from '../manifest';
import { clipShapes } from './clip';
import { gpt2Tensors } from './gpt2';
import { importCheckpoint } from './import-checkpoint';
import { clipTokens, emptyWeights, file, gpt2Tokens, MemorySink } from './test-files';

type Shapes = Map<string, readonly number[]>;
const b32 = { image: { size: 224, patch: 32, width: 768, layers: 12, heads: 12 }, text: { width: 512, layers: 12, heads: 8 }, dim: 512 };
const rn50x4 = { image: { size: 288, width: 80, layers: [4, 6, 10, 6], heads: 40 }, text: { width: 640, layers: 12, heads: 10 }, dim: 640 };
const gpt = { width: 768, layers: 12, vocabulary: 50257, positions: 1024 };

const prefixed = (prefix: string, shapes: Shapes): Shapes => new Map([...shapes].map(([name, dims]) => [prefix + name, dims]));
const clipcap = (more: Shapes): Shapes => new Map([...prefixed('gpt.', gpt2Tensors(gpt)), ...more]);
const mlp: Shapes = new Map([['clip_project.model.0.weight', [3840, 512]], ['clip_project.model.0.bias', [3840]], ['clip_project.model.2.weight', [7680, 3840]], ['clip_project.model.2.bias', [7680]]]);
/** ClipCap's transformer, two layers of it: the number is read from the file. */
function transformer(dim: number): Shapes {
  const shapes: Shapes = new Map<string, readonly number[]>([['clip_project.linear.weight', [40 * 768, dim]], ['clip_project.linear.bias', [40 * 768]], ['clip_project.prefix_const', [40, 768]]]);
  for (const layer of [0, 1]) {
    const stem = `clip_project.transformer.layers.${layer}`;
    for (const norm of ['norm1', 'norm2']) shapes.set(`${stem}.${norm}.weight`, [768]).set(`${stem}.${norm}.bias`, [768]);
    shapes.set(`${stem}.attn.to_queries.weight`, [768, 768]).set(`${stem}.attn.to_keys_values.weight`, [1536, 768]).set(`${stem}.attn.project.weight`, [768, 768]).set(`${stem}.attn.project.bias`, [768]);
    shapes.set(`${stem}.mlp.fc1.weight`, [1536, 768]).set(`${stem}.mlp.fc1.bias`, [1536]).set(`${stem}.mlp.fc2.weight`, [768, 1536]).set(`${stem}.mlp.fc2.bias`, [768]);
  }
  return shapes;
}
const decap: Shapes = new Map([...prefixed('decoder.', gpt2Tensors({ ...gpt, layers: 4 })), ['clip_project.model.0.weight', [768, 512]], ['clip_project.model.0.bias', [768]]]);

/** A CLIP in Hugging Face's layout. */
function huggingFace(): Shapes {
  const shapes: Shapes = new Map<string, readonly number[]>([
    ['logit_scale', []],
    ['visual_projection.weight', [512, 768]],
    ['text_projection.weight', [512, 512]],
    ['vision_model.embeddings.class_embedding', [768]],
    ['vision_model.embeddings.patch_embedding.weight', [768, 3, 32, 32]],
    ['vision_model.embeddings.position_embedding.weight', [50, 768]],
    ['vision_model.embeddings.position_ids', [1, 50]],
    ['text_model.embeddings.token_embedding.weight', [49408, 512]],
    ['text_model.embeddings.position_embedding.weight', [77, 512]],
  ]);
  const linear = (stem: string, out: number, inputs?: number) => shapes.set(`${stem}.weight`, inputs ? [out, inputs] : [out]).set(`${stem}.bias`, [out]);
  linear('vision_model.pre_layrnorm', 768);
  linear('vision_model.post_layernorm', 768);
  linear('text_model.final_layer_norm', 512);
  for (const [tower, width] of [['vision_model', 768], ['text_model', 512]] as const)
    for (let layer = 0; layer < 12; layer++) {
      const stem = `${tower}.encoder.layers.${layer}`;
      linear(`${stem}.layer_norm1`, width);
      linear(`${stem}.layer_norm2`, width);
      for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) linear(`${stem}.self_attn.${part}`, width, width);
      linear(`${stem}.mlp.fc1`, 4 * width, width);
      linear(`${stem}.mlp.fc2`, width, 4 * width);
    }
  return shapes;
}

async function run(kind: string, files: CheckpointFile[], base?: Manifest, options?: Record<string, number | string | boolean>) {
  const sink = new MemorySink();
  const embedTexts = async (texts: readonly string[]) => texts.map((text) => Float32Array.from({ length: base!.space.dim }, (_, i) => Math.sin(i + text.length)));
  const manifest = await importCheckpoint({ kind, files, name: `my-${kind}`, base, options, sink, embedTexts });
  return { manifest, sink };
}
const weights = (shapes: Shapes, name = 'model.safetensors') => emptyWeights(name, shapes);
const space = async () => (await run('clip-vit-b32', [weights(clipShapes(b32)), clipTokens])).manifest;
const without = (shapes: Shapes, name: string): Shapes => new Map([...shapes].filter(([key]) => key !== name));

describe('importing a space', () => {
  it.each([
    ['OpenAI', clipShapes(b32)],
    ['open_clip with a text tower of its own', new Map([...clipShapes(b32)].map(([name, dims]) => [name.startsWith('visual.') ? name : `text.${name}`, dims] as const))],
    ['Hugging Face', huggingFace()],
  ])("reads %s's names", async (_, shapes) => {
    const { manifest, sink } = await run('clip-vit-b32', [weights(shapes), clipTokens]);
    expect(manifest).toMatchObject({
      family: 'my-clip-vit-b32',
      space: { name: 'clip-vit-b32', dim: 512, image: { size: 224, fit: 'crop' }, text: { context: 77, bos: 49406, eos: 49407, tower: { layers: 12, heads: 8, width: 512 } } },
      graphs: { 'image-tower': { network: 'clip-vit', settings: { activation: 'quick-gelu' } }, 'text-tower': { network: 'clip-text' } },
      decoders: {},
    });
    // Whatever the layout, the same tensors come out.
    const parameters = [...clipShapes(b32).values()].reduce((sum, dims) => sum + dims.reduce((a, b) => a * b, 1), 0);
    const bytes = sink.files.get('clip-image.safetensors')!.bytes + sink.files.get('clip-text.safetensors')!.bytes;
    expect(bytes).toBeGreaterThan(2 * parameters);
    expect(bytes).toBeLessThan(2 * parameters + 100_000);
    expect([...sink.files.keys()].at(-1)).toBe('manifest.json');
  });

  it('reads RN50x4 and shards', async () => {
    const all = [...clipShapes(rn50x4)];
    const shards = [new Map(all.slice(0, 100)), new Map(all.slice(100))].map((part, i) => weights(part, `model-0000${i + 1}-of-00002.safetensors`));
    const index = file('model.safetensors.index.json', JSON.stringify({ weight_map: { a: shards[0]!.name, b: shards[1]!.name } }));
    const { manifest } = await run('clip-rn50x4', [...shards, index, clipTokens]);
    expect(manifest).toMatchObject({ space: { dim: 640, image: { size: 288 } }, graphs: { 'image-tower': { network: 'clip-resnet', settings: { width: 80, layers3: 10 } } } });
    await expect(run('clip-rn50x4', [shards[0]!, index, clipTokens])).rejects.toMatchObject({ code: 'weights-invalid', message: expect.stringMatching(/model-00002-of-00002\.safetensors, which is not among the files/) as string });
    await expect(run('clip-rn50x4', [shards[0]!, shards[0]!, clipTokens])).rejects.toThrow(/so does another file/);
  });

  it('takes the activation from config.json, and another activation is another space', async () => {
    const { manifest } = await run('clip-vit-b32', [weights(clipShapes(b32)), clipTokens, file('config.json', '{"text_config":{"hidden_act":"gelu"}}')]);
    expect(manifest.space.name).toBe('clip-vit-b32-gelu');
    expect(manifest.graphs!['text-tower']!.settings.activation).toBe('gelu');
  });

  it.each([
    ['a missing tensor', without(clipShapes(b32), 'visual.proj'), /lacks visual\.proj/],
    ['another size', clipShapes({ ...b32, dim: 640 }), /visual\.proj of shape \[768, 640\] where \[768, 512\] is needed/],
    ['a tensor that has no place', new Map([...clipShapes(b32), ['visual.extra', [3]]]), /no place for: visual\.extra/],
    ['another model', gpt2Tensors(gpt), /This is no CLIP ViT-B\/32: it lacks visual\.class_embedding/],
  ])('refuses %s and says which', async (_, shapes, message) => {
    await expect(run('clip-vit-b32', [weights(shapes), clipTokens])).rejects.toMatchObject({ code: 'weights-invalid', message: expect.stringMatching(message) as string });
  });

  it('refuses a missing or foreign tokenizer, a file without a role, an unknown option and a bad name', async () => {
    const clip = weights(clipShapes(b32));
    await expect(run('clip-vit-b32', [clip])).rejects.toMatchObject({ code: 'option-invalid', message: expect.stringMatching(/also needs CLIP's tokenizer\.json/) as string });
    await expect(run('clip-vit-b32', [clip, gpt2Tokens])).rejects.toThrow(/not CLIP's tokenizer: its token "a<\/w>" is missing/);
    await expect(run('clip-vit-b32', [clip, clipTokens, file('notes.doc', '')])).rejects.toThrow(/notes\.doc is none of the files/);
    await expect(run('clip-vit-b32', [clip, clipTokens], undefined, { activaton: 'gelu' })).rejects.toThrow(/no option "activaton". It knows activation/);
    await expect(importCheckpoint({ kind: 'clip-vit-b32', name: '../up', files: [clip, clipTokens], sink: new MemorySink() })).rejects.toThrow(/cannot name a family/);
    await expect(run('clip-vit-b64', [clip])).rejects.toThrow(/no kind of checkpoint "clip-vit-b64". Known are clip-vit-b32/);
  });
});

describe('importing a decoder', () => {
  it('joins its base: ClipCap, then GPT-2, then DeCap, each with a language model of its own', async () => {
    const base = await space();
    const leftovers: Shapes = new Map([['gpt.transformer.h.0.attn.bias', [1, 1, 8, 8]], ['gpt.transformer.h.0.attn.masked_bias', []], ['gpt.lm_head.weight', [50257, 768]]]);
    const first = await run('clipcap-mlp', [weights(new Map([...clipcap(mlp), ...leftovers]), 'coco_weights.safetensors'), gpt2Tokens], base);
    expect(first.sink.kept.sort()).toEqual(['clip-image.safetensors', 'clip-text.safetensors', 'clip-tokenizer.json']);
    expect(first.manifest.decoders.clipcap).toMatchObject({ input: 'raw', prefix: 10, languageModel: { eos: 13, heads: 12, tokenizer: 'gpt2Tokenizer' } });
    const second = await run('gpt2', [weights(new Map([...gpt2Tensors(gpt)].map(([name, dims]) => [name.replace('transformer.', ''), dims]))), gpt2Tokens], first.manifest);
    const captions = file('captions.jsonl', '{"captions":["A dog runs.","A cat  sits."]}\n{"caption":"A dog runs."}\n');
    const third = await run('decap', [weights(decap), captions], second.manifest);
    expect(Object.keys(third.manifest.decoders).sort()).toEqual(['clipcap', 'decap', 'iterative']);
    expect(third.manifest.decoders.decap).toMatchObject({ memory: 2, begin: [49406], languageModel: { heads: 4, layers: 4, eos: 49407, tokenizer: 'clipTokenizer' } });
    expect(new TextDecoder().decode(third.sink.files.get('decap-memory.txt')!.content)).toBe('A dog runs.\nA cat sits.\n');
    expect(third.sink.kept).toContain('clipcap-lm.safetensors');
    expect(third.manifest.files.clipcapLm).toEqual(first.manifest.files.clipcapLm);
    expect(third.manifest.licence).toMatch(/CLIP.*ClipCap.*GPT-2.*DeCap/);
  });

  it('imports CapDec with its offset, whose sign in the authors\' file is that of training', async () => {
    const base = (await run('clip-rn50x4', [weights(clipShapes(rn50x4)), clipTokens])).manifest;
    const offset = emptyWeights('offset.safetensors', new Map([['offset', [640]]]));
    const { manifest } = await run('capdec', [weights(clipcap(transformer(640))), gpt2Tokens, offset], base);
    expect(manifest.decoders.capdec).toMatchObject({ input: 'unit', prefix: 40 });
    expect(manifest.graphs!['capdec.mapper']).toMatchObject({ network: 'clipcap-transformer', settings: { dim: 640, spread: 40, layers: 2 } });
    expect(manifest.files.capdecOffset).toBeDefined();
    await expect(run('capdec', [weights(clipcap(transformer(640))), gpt2Tokens, emptyWeights('offset.safetensors', new Map([['offset', [512]]]))], base)).rejects.toMatchObject({ code: 'embedding-mismatch' });
  });

  it('keeps spaces apart: 512 and 640, a space of another making, none at all', async () => {
    const base = await space();
    await expect(run('capdec', [weights(clipcap(transformer(640))), gpt2Tokens], base)).rejects.toMatchObject({ code: 'embedding-mismatch', message: expect.stringMatching(/640 values.*clip-vit-b32.*has 512.*its space is clip-rn50x4/) as string });
    await expect(run('decap', [weights(decap), file('c.txt', 'a dog')], { ...base, space: { ...base.space, dim: 640 } })).rejects.toMatchObject({ code: 'embedding-mismatch' });
    await expect(run('clipcap-mlp', [weights(clipcap(mlp)), gpt2Tokens], { ...base, graphs: undefined })).rejects.toThrow(/of the studio's own/);
    await expect(run('clipcap-mlp', [weights(clipcap(mlp)), gpt2Tokens])).rejects.toMatchObject({ code: 'weights-missing', message: expect.stringMatching(/models pull clip-vit-b32/) as string });
  });

  it('tells MLP and transformer apart, and refuses published embeddings that do not fit the captions', async () => {
    const base = await space();
    await expect(run('clipcap-mlp', [weights(clipcap(transformer(512))), gpt2Tokens], base)).rejects.toThrow(/its mapper is a transformer\. Import it as clipcap-transformer/);
    const embeddings = emptyWeights('memory_clip_embeddings.safetensors', new Map([['embeddings', [3, 512]]]));
    await expect(run('decap', [weights(decap), file('c.txt', 'a dog\na cat'), embeddings], base)).rejects.toThrow(/holds 3 embeddings for 2 captions/);
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const work = importCheckpoint({ kind: 'clip-vit-b32', name: 'x', files: [weights(clipShapes(b32)), clipTokens], sink: new MemorySink(), signal: controller.signal, onProgress: () => controller.abort() });
    await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  });
});
