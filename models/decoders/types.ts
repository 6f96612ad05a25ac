import type { EventOf, StudioEvent } from '../events';
import type { Embedding } from '../spaces/embedding';

/** Options of a decoder or a search, described once: validates the CLI and tRPC input and explains itself on the page. */
export type OptionSpec =
  | { kind: 'number'; name: string; help: string; default: number; min: number; max: number; integer?: boolean }
  | { kind: 'boolean'; name: string; help: string; default: boolean }
  | { kind: 'choice'; name: string; help: string; default: string; choices: readonly string[] }
  | { kind: 'text'; name: string; help: string; default: string };

/** What a lane works on. `grid` is a device-independent copy of the tower's grid, [tokens, channels]; absent for a bare embedding. */
export type DecoderInput = {
  embedding: Embedding;
  grid?: { values: Float32Array; tokens: number; channels: number };
};

export type LaneEvent = EventOf<'stage'> | EventOf<'step'> | EventOf<'lane-finished'>;
export type { StudioEvent };
