import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { compare } from './compare';
import type { LaneResult } from './events';
import { goldenWeights, numbers } from './networks/goldens/golden';
import { NodeRuntime } from './runtime/node';
import { Scheduler } from './runtime/scheduler';
import type { Embedding } from './spaces/embedding';
import { norm } from './spaces/embedding';
import { Family } from './weights/family';
import { writeSafetensors } from './files/safetensors';
import goldens from './decoders/goldens/published.json';
import { wordTokenizer } from './decoders/goldens/word-tokenizer';

type Trace = { tokens: number[]; logProb: number };
type Golden = {
  seed: number;
  stop: number;
  heads: number;
  tensors: [string, number[], number, number][];
  deviations: Record<string, number>;
  beam?: { found: Trace[] };
  greedy?: Trace;
  magic?: Trace;
};
const [dim, width, layers, vocabulary, positions] = [24, 48, 2, 120, 90];
const all = goldens as unknown as Record<string, Golden>;

/** Words t0 … t119, each a token of the language model and of the text tower. */
const tokenizer = wordTokenizer(Array.from({ length: vocabulary }, (_, id) => `t${id}`));

/** Of MAGIC's golden it is the iterative one. */
const decoderOf = (name: string) => (name === 'magic' ? 'iterative' : name.split('-')[0]!);

/** A family of a golden's small weights, in memory: the manifest that an import writes, at another size. */
async function open(name: string, runtime: NodeRuntime): Promise<Family> {
  const golden = all[name]!;
  const decoder = decoderOf(name);
  const weights = goldenWeights(golden, { deviations: golden.deviations });
  const contents = new Map<string, Uint8Array>();
  const add = (key: string, content: Uint8Array) => contents.set(key, content);
  const of = (keep: (key: string) => boolean) =>
    writeSafetensors(
      Object.fromEntries(
        weights
          .names()
          .filter(keep)
          .map((key) => [key, weights.get(key)]),
      ),
    );
  add(
    'mapper',
    of((key) => key.startsWith('clip_project')),
  );
  add(
    'lm',
    of((key) => !key.startsWith('clip_project')),
  );
  add('tokens', new TextEncoder().encode(JSON.stringify(tokenizer)));
  add('clipText', textTower());
  add(
    'capdecOffset',
    writeSafetensors({ offset: { dims: [dim], values: numbers('offset', [1, dim], 0, 0.1, golden.seed) } }),
  );
  add(
    'decapMemory',
    writeSafetensors({
      embeddings: { dims: [40, dim], values: unitRows(numbers('memory', [40, dim], 0, 1, golden.seed)) },
      // The formula of published.py, which has the whole list with its repeats.
      ...(name === 'decap-repeats'
        ? { repeats: { dims: [40], values: Float32Array.from({ length: 40 }, (_, row) => 1 + ((13 * row) % 29)) } }
        : {}),
    }),
  );
  add('decapMemoryText', new TextEncoder().encode(Array.from({ length: 40 }, (_, i) => `t${i}`).join('\n')));
  const mapper = {
    'clipcap-mlp': { network: 'clipcap-mlp', settings: { dim, prefix: 4, width } },
    decap: { network: 'decap-linear', settings: { dim, width } },
  }[name.replace('decap-repeats', 'decap')] ?? {
    network: 'clipcap-transformer',
    settings: { dim, spread: 4, prefix: 5, width, layers: 2 },
  };
  const languageModel = {
    layers,
    heads: golden.heads,
    width,
    vocabulary,
    positions,
    bos: 1,
    eos: golden.stop,
    tokenizer: 'tokens',
  };
  const manifest = {
    family: name,
    version: '1',
    space: {
      name: 'small',
      dim,
      image: { size: 32, fit: 'crop', filter: 'bicubic', scale: '(x/255-mean)/deviation' },
      text: { context: 40, bos: 1, eos: 2, tokenizer: 'tokens', tower: { layers: 1, heads: 2, width: 16 } },
    },
    graphs: {
      'text-tower': {
        network: 'clip-text',
        files: ['clipText'],
        settings: { width: 16, layers: 1, heads: 2, vocabulary, positions: 40, dim },
      },
      ...(name === 'magic' ? {} : { [`${decoder}.mapper`]: { ...mapper, files: ['mapper'] } }),
      [name === 'magic' ? 'lm' : `${decoder}.lm`]: {
        network: 'gpt2',
        files: ['lm'],
        settings: { width, layers, heads: golden.heads, vocabulary, positions },
      },
    },
    decoders: {
      [decoder]: {
        input: name === 'clipcap-mlp' ? 'raw' : 'unit',
        languageModel,
        begin: decoder === 'decap' ? [1] : [],
        defaults: {},
      },
    },
    files: Object.fromEntries(
      [...contents].map(([key, content]) => [
        key,
        { path: key, bytes: content.byteLength, sha256: createHash('sha256').update(content).digest('hex') },
      ]),
    ),
    licence: 'ours',
    trainedOn: 'nothing',
  };
  const files = {
    read: async (path: string) =>
      path === 'manifest.json' ? new TextEncoder().encode(JSON.stringify(manifest)) : contents.get(path)!,
  };
  return Family.open({ files, runtime, precision: 'fp32' });
}

function textTower(): Uint8Array {
  const stem = 'transformer.resblocks.0';
  const shapes: Record<string, number[]> = {
    'token_embedding.weight': [vocabulary, 16],
    positional_embedding: [40, 16],
    'ln_final.weight': [16],
    'ln_final.bias': [16],
    text_projection: [16, dim],
  };
  for (const part of ['ln_1', 'ln_2'])
    Object.assign(shapes, { [`${stem}.${part}.weight`]: [16], [`${stem}.${part}.bias`]: [16] });
  Object.assign(shapes, {
    [`${stem}.attn.in_proj_weight`]: [48, 16],
    [`${stem}.attn.in_proj_bias`]: [48],
    [`${stem}.attn.out_proj.weight`]: [16, 16],
    [`${stem}.attn.out_proj.bias`]: [16],
  });
  Object.assign(shapes, {
    [`${stem}.mlp.c_fc.weight`]: [64, 16],
    [`${stem}.mlp.c_fc.bias`]: [64],
    [`${stem}.mlp.c_proj.weight`]: [16, 64],
    [`${stem}.mlp.c_proj.bias`]: [16],
  });
  return writeSafetensors(
    Object.fromEntries(
      Object.entries(shapes).map(([key, dims]) => [key, { dims, values: numbers(key, dims, 0, 0.3) }]),
    ),
  );
}

function unitRows(values: Float32Array): Float32Array {
  const out = values.slice();
  for (let row = 0; row < out.length; row += dim) {
    const length = norm(out.subarray(row, row + dim));
    for (let i = row; i < row + dim; i++) out[i]! /= length;
  }
  return out;
}

const runtime = new NodeRuntime({ device: { name: 'cpu' }, threads: 1 });
afterAll(() => runtime.close());
const families = new Map<string, Promise<Family>>();

/** A lane of a golden's family on the golden's embedding, or on one of norm 1. */
async function run(
  name: string,
  options: Record<string, unknown>,
  unit = false,
): Promise<{ result?: LaneResult; error?: { code: string; message: string } }> {
  if (!families.has(name)) families.set(name, open(name, runtime));
  const family = await families.get(name)!;
  let values = numbers('embedding', [1, dim], 0, 2, all[name]!.seed);
  if (unit) values = unitRows(values);
  const embedding: Embedding = { space: 'small', modality: 'image', state: 'raw', values };
  const lanes = [{ id: 'a', decoder: decoderOf(name), options }];
  for await (const event of compare(
    { family: name, input: { kind: 'embedding', embedding }, lanes },
    { scheduler: new Scheduler(), openFamily: async () => family },
  )) {
    if (event.type === 'lane-finished') return { result: event.result };
    if (event.type === 'lane-failed') return { error: event.error };
  }
  throw new Error('The lane said nothing.');
}

function same(result: LaneResult | undefined, expected: Trace): void {
  expect(result!.tokens).toEqual(expected.tokens);
  expect(Math.abs(result!.logProb - expected.logProb)).toBeLessThan(1e-3 * Math.abs(expected.logProb));
}

describe("modes that follow the authors' code, token for token", () => {
  it.each([
    ['clipcap-mlp', 'clipcap-1ad805a-beam', 'beam'],
    ['clipcap-mlp', 'clipcap-1ad805a-top-p', 'greedy'],
    ['clipcap-transformer', 'clipcap-1ad805a-beam', 'beam'],
    ['clipcap-transformer', 'clipcap-1ad805a-top-p', 'greedy'],
    ['capdec', 'capdec-4451bfd', 'beam'],
    ['capdec-offset', 'capdec-4451bfd', 'beam'],
    ['decap', 'decap-1c26934', 'greedy'],
    ['decap-repeats', 'decap-1c26934', 'greedy'],
    ['magic', 'magic-acefac6', 'magic'],
  ] as const)('%s by %s', async (name, mode, trace) => {
    const golden = all[name]!;
    const { result } = await run(name, { mode, ...(name === 'capdec-offset' ? { useOffset: true } : {}) });
    if (trace !== 'beam') return same(result, golden[trace]!);
    same(result, golden.beam!.found[0]!);
    // The whole list, worst last, as generate_beam returns it.
    expect(result!.nBest.map(({ tokens }) => tokens)).toEqual(golden.beam!.found.map(({ tokens }) => tokens));
  });

  it('the goldens show what a wrong cache or a wrong order could not follow', () => {
    // Of MAGIC published.py sees to it: the end token is not among its tokens.
    expect(new Set(all.magic!.magic!.tokens).size).toBeGreaterThanOrEqual(10);
    for (const [name, { greedy, beam, stop }] of Object.entries(all)) {
      if (!greedy) continue;
      expect(new Set(greedy.tokens).size, name).toBeGreaterThanOrEqual(10);
      expect(greedy.tokens.at(-1), name).toBe(stop);
      if (beam) expect(beam, name).toMatchObject({ evicted: true, stopped: true });
    }
  });

  it("writes CapDec's captions in lower case, and the stop token belongs to the tokens", async () => {
    const { result } = await run('capdec', { mode: 'capdec-4451bfd' });
    expect(result!.caption).toBe(result!.caption.toLowerCase());
    expect(result!.tokens.at(-1)).toBe(all.capdec!.stop);
  });

  it("the studio's own beam stays what it is: a list of finished captions, without the stop token", async () => {
    const { result } = await run('clipcap-transformer', { maxTokens: 40, noRepeat: 0, minTokens: 0 });
    expect(result!.tokens).not.toContain(all['clipcap-transformer']!.stop);
    const beam = all['clipcap-transformer']!.beam!.found[0]!;
    expect(result!.logProb / (result!.tokens.length + 1) ** 0.7).toBeGreaterThanOrEqual(
      beam.logProb / beam.tokens.length ** 0.7 - 1e-4,
    );
  });

  it('refuses a unit embedding where the weights read raw ones, and takes it where they read unit ones', async () => {
    const { error } = await run('clipcap-mlp', { mode: 'clipcap-1ad805a-beam' }, true);
    expect(error).toMatchObject({
      code: 'embedding-mismatch',
      message: expect.stringMatching(/trained on raw embeddings.*norm 1/) as string,
    });
    same(
      (await run('clipcap-transformer', { mode: 'clipcap-1ad805a-beam' }, true)).result,
      all['clipcap-transformer']!.beam!.found[0]!,
    );
  });

  it("takes no mode of another decoder's authors", async () => {
    const embedding: Embedding = {
      space: 'small',
      modality: 'image',
      state: 'raw',
      values: numbers('embedding', [1, dim], 0, 2),
    };
    const request = {
      family: 'decap',
      input: { kind: 'embedding' as const, embedding },
      lanes: [{ id: 'a', decoder: 'decap', options: { mode: 'capdec-4451bfd' } }],
    };
    const first = compare(request, { scheduler: new Scheduler(), openFamily: () => open('decap', runtime) }).next();
    await expect(first).rejects.toMatchObject({
      code: 'option-invalid',
      message: expect.stringMatching(/expected one of studio, decap-1c26934/) as string,
    });
  });
});
