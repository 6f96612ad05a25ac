import { buildAttentionalPooler } from '../attentional-pooler';
import { buildCocaCross, buildCocaDecoder, type CocaConfig } from '../coca';
import { buildGpt } from '../gpt';
import { buildMlpMapper } from '../mlp-mapper';
import { buildPocketImageTower } from '../pocket-image-tower';
import * as pocket from '../pocket-keys';
import * as openClip from '../open-clip-keys';
import * as published from '../published-keys';
import { buildTextTower, type TextTowerConfig } from '../text-tower';
import { buildTransformerMapper } from '../transformer-mapper';
import type { TrunkName } from '../trunks';
import type { GptConfig, GraphOptions, WeightMap } from '../types';
import { buildVit } from '../vit';
import { buildResNetTower } from '../resnet';
import clipResnet from './clip-resnet.json';
import attentionalPooler from './attentional-pooler.json';
import clipTextTower from './clip-text-tower.json';
import coca from './coca.json';
import efficientnet from './efficientnet.json';
import { type Golden, numbers } from './golden';
import gpt from './gpt.json';
import gpt2 from './gpt2.json';
import linearMapper from './linear-mapper.json';
import mlpMapper from './mlp-mapper.json';
import mobilenet from './mobilenet.json';
import openClipCoca from './open-clip-coca.json';
import openClipPoolerPacked from './open-clip-pooler-packed.json';
import openClipPooler from './open-clip-pooler.json';
import { type Feeds, float, long, open, StepSession } from './session';
import textTower from './text-tower.json';
import transformerMapper from './transformer-mapper.json';
import vit from './vit.json';

/** Changes of a configuration that a golden check must notice. */
export type Override = { activation?: GptConfig['activation']; epsilon?: number };
type Outputs = Record<string, { dims: readonly number[]; data: unknown }>;
export type Case = {
  name: string;
  golden: Golden;
  run: (weights: WeightMap, options: GraphOptions, override?: Override, rows?: number) => Promise<Outputs>;
};

const shape = (golden: Golden): pocket.PocketShape => ({ ...pocket.pocketShape, poolHeads: 8, ...golden.config });
const read = (golden: unknown): Golden => golden as Golden;

/** A network with one input of `dims` per row. `rows` cuts the batch. */
function plain(
  name: string,
  file: unknown,
  input: { name: string; dims: number[]; deviation: number },
  build: (golden: Golden, weights: WeightMap, options: GraphOptions, override: Override) => Uint8Array,
): Case {
  const golden = read(file);
  return {
    name,
    golden,
    run: async (weights, options, override = {}, rows = input.dims[0]!) => {
      const all = numbers(input.name, input.dims, 0, input.deviation);
      const dims = [rows, ...input.dims.slice(1)];
      const session = await open(build(golden, weights, options, override));
      const outputs: Outputs = await session.run({
        [input.name]: float(
          all.subarray(
            0,
            dims.reduce((a, b) => a * b, 1),
          ),
          dims,
        ),
      });
      await session.release();
      return outputs;
    },
  };
}

export const gptConfig = (golden: Golden, override: Override = {}): GptConfig => ({
  ...pocket.pocketGpt(shape(golden)),
  ...override,
});
export const gpt2Config = (golden: Golden, override: Override = {}): GptConfig => ({
  ...published.gpt2(golden.config as typeof published.gpt2Small),
  ...override,
});
export const textConfig = (golden: Golden, override: Override = {}): TextTowerConfig => ({
  ...pocket.pocketTextTower(shape(golden)),
  ...override,
});
export const clipTextConfig = (golden: Golden, override: Override = {}): TextTowerConfig => ({
  ...published.clipTextTower(golden.config as typeof published.clipVitB32Text),
  ...override,
});
export const cocaConfig = (golden: Golden, override: Override = {}): CocaConfig => ({
  ...pocket.pocketCoca(shape(golden), golden.config.imageTokens),
  ...override,
});
export const openClipCocaConfig = (golden: Golden, override: Override = {}): CocaConfig => ({
  ...openClip.openClipCoca(golden.config as Parameters<typeof openClip.openClipCoca>[0]),
  ...override,
});

export const best = (golden: Golden): Feeds => ({ k: long([8]), temperature: float([golden.temperature!], [1]) });

/** Prefix slots of the pocket golden, `rows` of the two. */
export function prefixOf(golden: Golden, rows: number): Feeds {
  const { prefix = 0, width } = golden.config;
  const dims = [2, prefix, width!];
  return {
    prefix_embeds: float(numbers('prefix', dims, 0, 0.03).subarray(0, rows * prefix * width!), [rows, prefix, width!]),
  };
}

/** Keys and values of the golden's image tokens. */
export async function crossOf(
  config: CocaConfig,
  weights: WeightMap,
  options: GraphOptions,
  deviation: number,
): Promise<Feeds> {
  const session = await open(buildCocaCross(config, weights, options));
  const dims = [1, config.imageTokens, config.width];
  const outputs = await session.run({ image_tokens: float(numbers('image_tokens', dims, 0, deviation), dims) });
  await session.release();
  return outputs as Feeds;
}

/** A step session of the language model or decoder of a golden, and what its prefill needs. */
export type StepCase = {
  name: string;
  golden: Golden;
  open: (weights: WeightMap, options: GraphOptions, override?: Override) => Promise<StepSession>;
  first: (rows: number) => Feeds;
  later: (rows: number) => Feeds;
};
const none =
  (golden: Golden) =>
  (rows: number): Feeds => ({ prefix_embeds: float([], [rows, 0, golden.config.width!]) });

function gptCase(name: string, file: unknown, config: typeof gptConfig): StepCase {
  const golden = read(file);
  const { width, heads, prefix } = golden.config as { width: number; heads: number; prefix?: number };
  return {
    name,
    golden,
    open: (weights, options, override) =>
      StepSession.open(buildGpt(config(golden, override), weights, options), heads, width / heads),
    first: prefix ? (rows) => prefixOf(golden, rows) : none(golden),
    later: none(golden),
  };
}

function cocaCase(name: string, file: unknown, config: typeof cocaConfig, deviation: number): StepCase {
  const golden = read(file);
  const { width, heads } = golden.config as { width: number; heads: number };
  return {
    name,
    golden,
    open: async (weights, options, override) => {
      const cross = await crossOf(config(golden, override), weights, options, deviation);
      return StepSession.open(
        buildCocaDecoder(config(golden, override), weights, options),
        heads,
        width / heads,
        cross,
      );
    },
    first: () => ({}),
    later: () => ({}),
  };
}

export const stepCases: readonly StepCase[] = [
  gptCase('gpt', gpt, gptConfig),
  gptCase('gpt2', gpt2, gpt2Config),
  cocaCase('coca', coca, cocaConfig, 1),
  cocaCase('open-clip-coca', openClipCoca, openClipCocaConfig, 0.03),
];

function prefillCase(step: StepCase): Case {
  return {
    name: step.name,
    golden: step.golden,
    run: async (weights, options, override, rows = 2) => {
      const session = await step.open(weights, options, override);
      return session.run(
        step.golden.ids!.slice(0, rows),
        Array.from({ length: rows }, () => 0),
        { ...best(step.golden), ...step.first(rows) },
      );
    },
  };
}

/** Places of the pooled tokens of rows. */
export const ends = (rows: readonly (readonly number[])[], end: readonly number[]) =>
  long(end.map((at, row) => row * rows[0]!.length + at));

export const textCases = [
  { name: 'text-tower', golden: read(textTower), config: textConfig },
  { name: 'clip-text-tower', golden: read(clipTextTower), config: clipTextConfig },
];

const imageTower = (name: string, file: unknown, trunk: TrunkName): Case =>
  plain(name, file, { name: 'pixels', dims: [2, 3, 64, 64], deviation: 0.6 }, (g, weights, options, override) =>
    buildPocketImageTower(
      { ...pocket.pocketImageTower(shape(g), { size: g.config.size, trunk }), ...override },
      weights,
      options,
    ),
  );

export const cases: readonly Case[] = [
  ...stepCases.map(prefillCase),
  ...textCases.map(({ name, golden, config }): Case => ({
    name,
    golden,
    run: async (weights, options, override, rows = 3) => {
      const { width, heads } = golden.config as { width: number; heads: number };
      const session = await StepSession.open(
        buildTextTower(config(golden, override), weights, options),
        heads,
        width / heads,
      );
      return session.run(
        golden.ids!.slice(0, rows),
        Array.from({ length: rows }, () => 0),
        { told_tokens: ends(golden.ids!, golden.end!.slice(0, rows)) },
      );
    },
  })),
  imageTower('mobilenet', mobilenet, 'mobilenet-v2'),
  imageTower('efficientnet', efficientnet, 'efficientnet-lite2'),
  plain('vit', vit, { name: 'pixels', dims: [2, 3, 32, 32], deviation: 0.03 }, (g, weights, options, override) =>
    buildVit({ ...published.clipVit(g.config as typeof published.clipVitB32), ...override }, weights, options),
  ),
  plain(
    'clip-resnet',
    clipResnet,
    { name: 'pixels', dims: [2, 3, 64, 64], deviation: 1 },
    (g, weights, options, override) =>
      buildResNetTower(
        { ...published.clipResNet(g.config as Parameters<typeof published.clipResNet>[0]), ...override },
        weights,
        options,
      ),
  ),
  plain(
    'attentional-pooler',
    attentionalPooler,
    { name: 'grid', dims: [2, 6, 40], deviation: 0.03 },
    (g, weights, options, override) =>
      buildAttentionalPooler({ ...pocket.pocketPooler('caption', shape(g), g.config), ...override }, weights, options),
  ),
  ...(
    [
      ['open-clip-pooler', openClipPooler],
      ['open-clip-pooler-packed', openClipPoolerPacked],
    ] as const
  ).map(([name, file]) =>
    plain(name, file, { name: 'grid', dims: [2, 6, 40], deviation: 0.03 }, (g, weights, options, override) =>
      buildAttentionalPooler(
        { ...openClip.openClipPooler(g.config as Parameters<typeof openClip.openClipPooler>[0]), ...override },
        weights,
        options,
      ),
    ),
  ),
  plain('mlp-mapper', mlpMapper, { name: 'embedding', dims: [3, 48], deviation: 1 }, (g, weights, options) =>
    buildMlpMapper(
      { ...pocket.pocketMlpMapper(shape(g), g.config.prefix, g.config.hidden), dim: g.config.dim! },
      weights,
      options,
    ),
  ),
  plain('linear-mapper', linearMapper, { name: 'embedding', dims: [3, 48], deviation: 1 }, (g, weights, options) =>
    buildMlpMapper({ ...pocket.pocketLinearMapper(shape(g)), dim: g.config.dim! }, weights, options),
  ),
  plain(
    'transformer-mapper',
    transformerMapper,
    { name: 'embedding', dims: [3, 48], deviation: 1 },
    (g, weights, options, override) =>
      buildTransformerMapper(
        {
          ...published.clipcapTransformerMapper(g.config as Parameters<typeof published.clipcapTransformerMapper>[0]),
          ...override,
        },
        weights,
        options,
      ),
  ),
];
