import type { Counters, EventOf, StudioEvent } from '../events';
import type { Stages } from '../runtime/scheduler';
import type { Found } from '../search/types';
import type { Embedding } from '../spaces/embedding';
import type { Grid, Space } from '../spaces/space';
import type { TextScorer } from '../spaces/text-scorer';
import type { Family, GraphName } from '../weights/family';

/**
 * Options of a decoder or a search, described once: validates the CLI and tRPC input and explains itself on the page.
 */
export type OptionSpec = {
  name: string;
  help: string;
  /** It has a say where one of these holds; always, without any. */ when?: readonly When[];
} & (
  | { kind: 'number'; default: number; min: number; max: number; integer?: boolean }
  | { kind: 'boolean'; default: boolean }
  | {
      kind: 'choice';
      default: string;
      choices: readonly string[];
      /** What each choice does, in one sentence. */ does: Readonly<Record<string, string>>;
    }
  /** Token ids. Text of the form "12,7" is taken too (command line). */
  | { kind: 'tokens'; default: readonly number[]; max: number }
);
export type OptionValue = number | boolean | string | readonly number[];
export type OptionValues = Record<string, OptionValue>;
/**
 * What others must be for an option to matter, by their names: one of these values (undefined: the decoder has no such
 * option), or above 0.
 */
export type When = Readonly<Record<string, readonly (OptionValue | undefined)[] | 'above 0'>>;

/** What a lane works on: the raw embedding, and the grid of the image tower where the input was a photo. */
export type DecoderInput = { embedding: Embedding; grid?: Grid };

export type DecoderContext = {
  lane: string;
  /** The decoder's own name: under it the manifest describes its language model. */
  decoder: string;
  family: Family;
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

/** One of the five families of decoders. A sixth is one folder and one line in registry.ts. */
export interface Decoder {
  name: string;
  title: string;
  /** One sentence: how it works. */
  idea: string;
  trainedOn: string;
  /** What it accepts, in words. */
  accepts: string;
  /** It needs the image's own tokens; an embedding alone is not enough. */
  needsGrid: boolean;
  /**
   * It scores candidates by the text tower in every step, which makes it by far the longest of the five: others get
   * their graphs first.
   */
  scoresSteps?: boolean;
  /** Graphs that it runs, loaded before the lane starts; of a family that lacks some, those that it has. */
  graphs: readonly GraphName[];
  options: readonly OptionSpec[];
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
export type { StudioEvent };
