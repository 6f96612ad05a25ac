import { StudioError } from '../errors';
import { buildAttentionalPooler } from '../networks/attentional-pooler';
import { buildCocaCross, buildCocaDecoder } from '../networks/coca';
import { buildGpt } from '../networks/gpt';
import { buildMlpMapper } from '../networks/mlp-mapper';
import { buildPocketImageTower } from '../networks/pocket-image-tower';
import {
  pocketCoca,
  pocketCocaText,
  pocketGpt,
  pocketImageTower,
  pocketLinearMapper,
  pocketMlpMapper,
  pocketPooler,
  pocketTextTower,
  pocketWithClassToken,
} from '../networks/pocket-keys';
import * as published from '../networks/published-keys';
import { buildResNetTower } from '../networks/resnet';
import { buildTextTower } from '../networks/text-tower';
import { buildTransformerMapper } from '../networks/transformer-mapper';
import type { GraphOptions, WeightMap } from '../networks/types';
import { buildVit } from '../networks/vit';
import { languageModelOf, type Manifest, type ManifestGraph, textTowerOf } from '../manifest';
import type { Builder } from './builders';
import { openClipCocaNetworks } from './open-clip-coca';
import { type Settings, sizes } from './settings';

export type GraphName = string;

/**
 * Networks that a manifest may name. Settings are the sizes that published-keys.ts asks for, checked by every tensor's
 * shape.
 */
const networks: Record<string, Builder> = {
  'pocket-image-tower': (weights, options, _, { space }) =>
    buildPocketImageTower(pocketImageTower(undefined, space.image), weights, options),
  'pocket-text-tower': (weights, options) => buildTextTower(pocketTextTower(), weights, options),
  'pocket-gpt': (weights, options) => buildGpt(pocketGpt(), weights, options),
  'pocket-mlp-mapper': (weights, options) => buildMlpMapper(pocketMlpMapper(), weights, options),
  'pocket-linear-mapper': (weights, options) => buildMlpMapper(pocketLinearMapper(), weights, options),
  'pocket-pooler': (weights, options) => buildAttentionalPooler(pocketPooler('caption'), weights, options),
  // CoCa's contrastive half: latents of a photo and of texts.
  'pocket-pooler-contrast': (weights, options) => buildAttentionalPooler(pocketPooler('contrast'), weights, options),
  'pocket-coca-text': (weights, options) => buildTextTower(pocketCocaText(), pocketWithClassToken(weights), options),
  // The same networks, telling what they attend to; run once over a finished caption.
  'pocket-pooler-map': (weights, options) =>
    buildAttentionalPooler(pocketPooler('caption'), weights, options, { attentionMap: true }),
  'pocket-coca-decoder-map': (weights, options) =>
    buildCocaDecoder(pocketCoca(), weights, options, { attentionMap: true }),
  'pocket-coca-cross': (weights, options) => buildCocaCross(pocketCoca(), weights, options),
  'pocket-coca-decoder': (weights, options) => buildCocaDecoder(pocketCoca(), weights, options),
  'clip-vit': (weights, options, settings) =>
    buildVit(
      published.clipVit(sizes(settings, 'size', 'patch', 'width', 'layers', 'heads', 'dim'), activation(settings)),
      weights,
      options,
    ),
  'clip-resnet': (weights, options, settings) =>
    buildResNetTower(
      published.clipResNet(
        sizes(settings, 'size', 'width', 'heads', 'dim', 'layers1', 'layers2', 'layers3', 'layers4'),
      ),
      weights,
      options,
    ),
  'clip-text': (weights, options, settings) =>
    buildTextTower(
      published.clipTextTower(
        sizes(settings, 'width', 'layers', 'heads', 'vocabulary', 'positions', 'dim'),
        activation(settings),
      ),
      weights,
      options,
    ),
  gpt2: (weights, options, settings) =>
    buildGpt(published.gpt2(sizes(settings, 'width', 'layers', 'heads', 'vocabulary', 'positions')), weights, options),
  'clipcap-mlp': (weights, options, settings) =>
    buildMlpMapper(published.clipcapMlpMapper(sizes(settings, 'dim', 'prefix', 'width')), weights, options),
  'clipcap-transformer': (weights, options, settings) =>
    buildTransformerMapper(
      published.clipcapTransformerMapper(sizes(settings, 'dim', 'spread', 'prefix', 'width', 'layers')),
      weights,
      options,
    ),
  'decap-linear': (weights, options, settings) =>
    buildMlpMapper(published.decapMapper(sizes(settings, 'dim', 'width')), weights, options),
  ...openClipCocaNetworks,
};

function activation({ activation: kind = 'quick-gelu' }: Settings): 'gelu' | 'quick-gelu' {
  if (kind === 'gelu' || kind === 'quick-gelu') return kind;
  throw new StudioError(
    'weights-invalid',
    `A graph's activation is ${JSON.stringify(kind)} in the manifest; expected gelu or quick-gelu.`,
  );
}

/** Graphs of the embedded family. The token table is shared, so `lm` comes along where text is read or written. */
const embedded: Record<string, ManifestGraph> = Object.fromEntries(
  (
    [
      ['image-tower', 'pocket-image-tower', 'joint'],
      ['text-tower', 'pocket-text-tower', 'joint', 'lm'],
      ['lm', 'pocket-gpt', 'lm'],
      ['clipcap.mapper', 'pocket-mlp-mapper', 'clipcap'],
      ['clipcap.lm', 'pocket-gpt', 'clipcap', 'lm'],
      ['capdec.mapper', 'pocket-mlp-mapper', 'capdec'],
      ['capdec.lm', 'pocket-gpt', 'capdec', 'lm'],
      ['decap.mapper', 'pocket-linear-mapper', 'decap'],
      ['decap.lm', 'pocket-gpt', 'decap', 'lm'],
      ['coca.pooler', 'pocket-pooler', 'coca'],
      ['coca.cross', 'pocket-coca-cross', 'coca', 'lm'],
      ['coca.contrast', 'pocket-pooler-contrast', 'coca'],
      ['coca.text', 'pocket-coca-text', 'coca', 'lm'],
      ['coca.pooler-map', 'pocket-pooler-map', 'coca'],
      ['coca.decoder-map', 'pocket-coca-decoder-map', 'coca', 'lm'],
      ['coca.decoder', 'pocket-coca-decoder', 'coca', 'lm'],
    ] as const
  ).map(([name, network, ...files]) => [name, { network, files: [...files], settings: {} }]),
);

/**
 * The decoder that a graph belongs to: `lm` is the iterative one's. The towers belong to none and give their own name.
 */
export const decoderOfGraph = (name: GraphName): string => (name === 'lm' ? 'iterative' : name.split('.')[0]!);

/** Names of the graphs that a family has. */
export function graphNamesOf(manifest: Manifest): GraphName[] {
  return Object.keys(manifest.graphs ?? embedded);
}

/** What a graph is made of. @throws weights-invalid when the family has no such graph or names an unknown network */
export function graphOf(manifest: Manifest, name: GraphName): ManifestGraph {
  const all = manifest.graphs ?? embedded;
  const graph = Object.hasOwn(all, name) ? all[name] : undefined;
  if (!graph)
    throw new StudioError(
      'weights-invalid',
      `Family ${manifest.family} has no graph ${name}; it has ${Object.keys(all).join(', ')}.`,
    );
  if (!Object.hasOwn(networks, graph.network))
    throw new StudioError(
      'weights-invalid',
      `Family ${manifest.family} names the network ${graph.network}, which this version of the studio does not know. Update the studio.`,
    );
  return graph;
}

/** The ONNX model of a graph. @throws weights-invalid */
export function buildGraph(manifest: Manifest, name: GraphName, weights: WeightMap, options: GraphOptions): Uint8Array {
  const { network, settings } = graphOf(manifest, name);
  return networks[network]!(weights, options, settings, manifest);
}

/** Heads and width of a graph's cache, and its layers; undefined for one that keeps none. */
export function cacheOf(
  manifest: Manifest,
  name: GraphName,
): { layers: number; heads: number; width: number } | undefined {
  if (name === 'text-tower') return textTowerOf(manifest);
  if (name === 'lm') return languageModelOf(manifest, 'iterative');
  if (name === 'coca.text') return contrastiveTextOf(manifest);
  if (/\.(lm|decoder|decoder-map|cross)$/.test(name)) return languageModelOf(manifest, decoderOfGraph(name));
  return undefined;
}

/** Layers, heads and width of CoCa's unimodal half: its lower blocks. */
export function contrastiveTextOf(manifest: Manifest): { layers: number; heads: number; width: number } {
  const whole = languageModelOf(manifest, 'coca');
  return { ...whole, layers: whole.layers / 2 };
}

/**
 * Graphs that run once a photo or a candidate set and may leave shape arithmetic (a Concat of sizes, the causal mask's
 * positions) to the
 * CPU on a GPU. All others step, and must be whole on the device.
 */
export function mayFallBack(manifest: Manifest, name: GraphName): boolean {
  return (
    [
      'image-tower',
      'text-tower',
      'coca.image',
      'coca.pooler',
      'coca.contrast',
      'coca.text',
      'coca.pooler-map',
      'coca.decoder-map',
    ].includes(name) || graphOf(manifest, name).network === 'clipcap-transformer'
  );
}

/**
 * A tower that is used at 8 bit where that loses next to no cosine, which is measured when it is loaded
 * (text-tower-loss.ts).
 */
export function mayBeQuantised(manifest: Manifest, name: GraphName): boolean {
  return name === 'text-tower' && ['clip-text', 'open-clip-coca-text'].includes(graphOf(manifest, name).network);
}

/** Small fp32 networks gain nothing from 8 bits and towers lose cosine by it (docs/families.md). */
export function isQuantised(name: GraphName): boolean {
  return ![
    'image-tower',
    'text-tower',
    'coca.image',
    'coca.pooler',
    'coca.pooler-map',
    'coca.cross',
    'coca.contrast',
    'coca.text',
  ].includes(name);
}
