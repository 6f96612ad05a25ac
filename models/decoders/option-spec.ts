/**
 * Options of a decoder or a search, described once: validates the CLI and tRPC input and explains itself on the page.
 */
export type OptionSpec = {
  name: string;
  /** In plain words, as the page calls it. */ title: string;
  help: string;
  /** It is among the few that are looked at first. */ basic?: true;
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

/** Settings named after where they come from. They set how a caption is looked for; the weights stay the family's. */
export type Preset = { name: string; help: string; options: Readonly<Record<string, OptionValue>> };
