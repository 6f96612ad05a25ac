import type { Counters, EventOf } from '../events';
import type { Stages } from '../runtime/scheduler';
import type { Found } from '../search/types';
import type { Embedding } from '../spaces/embedding';
import type { GraphName, GraphSpec, Network } from '../graphs/spec';
import type { LanguageModel, Manifest } from '../manifest';
import type { Session } from '../runtime/types';
import type { Grid, Space, SpaceFamily } from '../spaces/space';
import type { TextScorer } from '../spaces/text-scorer';
import type { Tokenizer } from '../spaces/tokenizer';
import type { Asset } from './asset';
import type { PublishedMode } from './published-mode';
import type { DecoderWords } from './decoder-words';
import type { OptionSpec, OptionValue, OptionValues, Preset } from './option-spec';

/** What a lane works on: the raw embedding, and the grid of the image tower where the input was a photo. */
export type DecoderInput = { embedding: Embedding; grid?: Grid };

/** What a decoder needs of its family (models/weights/family.ts has all of it). */
export interface DecoderFamily extends SpaceFamily {
  readonly name: string;
  session(name: GraphName): Promise<Session>;
  graph(name: GraphName): GraphSpec;
  /** The tokenizer in a file of the manifest: that of the space without a key. */
  tokenizer(key?: string): Promise<Tokenizer>;
  languageModel(decoder: string): LanguageModel;
  /** Token table of a language model's graph, [rows, width]. */
  tokenTable(graph: GraphName): Promise<{ values: Float32Array; rows: number; width: number }>;
  asset<T>(asset: Asset<T>): Promise<T>;
}

export type DecoderContext = {
  lane: string;
  /** The decoder's own name: under it the manifest describes its language model. */
  decoder: string;
  /** The decoder's own ways of decoding that follow its authors' code. */
  modes: readonly PublishedMode[];
  family: DecoderFamily;
  space: Space;
  /** The lane's entrances to the device: every model run goes through one. */
  device: Stages;
  /** Scores texts against the input, sharing cached beginnings. */
  scorer: TextScorer;
  /** Tokens that every caption must begin with (option `prefixTokens`). */
  prefixTokens: readonly number[];
};

export type DecoderOutput = {
  /** Best first. */
  found: Found[];
  /** The search optimised the cosine that the lane reports. */
  optimised: boolean;
  counters?: Partial<Counters>;
};
export type DecoderEvent = EventOf<'stage'> | EventOf<'step'> | EventOf<'insight'>;

/** Figures of a paper: BLEU-4, METEOR and CIDEr in percent, as the COCO evaluation computes them. */
export type PublishedFigures = {
  system: string;
  split: string;
  bleu4: number;
  meteor: number;
  cider: number;
  from: string;
};

/** A decoder is a folder: its words, and all that is asked of it. A new one is one folder and its registration. */
export interface Decoder extends DecoderWords {
  /** It needs the image's own tokens; an embedding alone is not enough. */
  needsGrid: boolean;
  /**
   * It scores candidates by the text tower in every step, which makes it by far the longest: others get their graphs
   * first.
   */
  scoresSteps?: boolean;
  /** Graphs that it runs, loaded before the lane starts; of a family that lacks some, those that it has. */
  graphs: readonly GraphName[];
  /** Graphs that only `explain` runs, loaded when it asks for them. */
  insightGraphs?: readonly GraphName[];
  /** Of `graphs`: its own image tower, whose grid it reads where a family has one. */
  imageTower?: GraphName;
  /** Networks that no other part of the house has, by the names that manifests give them. */
  networks: Readonly<Record<string, Network>>;
  /** What its weights bring beside graphs. */
  assets?: readonly Asset<unknown>[];
  /** Of the assets' files: the key of one with sentences, one a line, as captions of the space's photos are worded. */
  sentences?: string;
  /** Ways of decoding that follow its authors' code. */
  modes: readonly PublishedMode[];
  /** What its authors published of the weights that a family has. */
  figures?(manifest: Manifest): readonly PublishedFigures[];
  options: readonly OptionSpec[];
  presets: readonly Preset[];
  /** Options that the page sets where the person does not. */
  pageDefaults?: Readonly<Record<string, OptionValue>>;
  run(
    input: DecoderInput,
    options: OptionValues,
    context: DecoderContext,
  ): AsyncGenerator<DecoderEvent, DecoderOutput, void>;
  /** What explains a finished caption at the price of further runs (option `insight`); its time is counted apart. */
  explain?(
    best: Found,
    input: DecoderInput,
    options: OptionValues,
    context: DecoderContext,
  ): AsyncGenerator<DecoderEvent, void, void>;
}
