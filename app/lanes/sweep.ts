import { neededOptions } from '@/models/decoders/needed';
import type { OptionSpec, OptionValue } from '@/models/decoders/option-spec';
import { sweptId, sweptOf } from '../views/sweep-name';
import type { LaneConfig, OptionSet } from './benches';

/** A lane's name has room for so many letters (models/events.ts). */
const longestId = 64;

/** Options that can be swept: those that have a say in the lane's search, but for a given beginning. */
export const sweepable = (specs: readonly OptionSpec[], defaults: OptionSet, values: OptionSet): OptionSpec[] =>
  neededOptions(specs, { ...defaults, ...values }).filter(({ kind }) => kind !== 'tokens');

/** Why values cannot be taken; a code that the page has words for. */
export type SweepProblem =
  | { code: 'unread'; part: string }
  | { code: 'outside'; value: number }
  | { code: 'fraction'; value: number }
  | { code: 'backwards'; part: string }
  | { code: 'endless'; part: string };

const number = '[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?';
const single = new RegExp(`^${number}$`, 'i');
/** How a person of a language writes ranges and fractions, beside the signs that are read in every language. */
export type RangeWords = { to: string; step: string; /** A fraction begins with a comma. */ comma: boolean };
const english: RangeWords = { to: 'to', step: 'step', comma: false };

function rangeIn({ to, step }: RangeWords): RegExp {
  const literally = (word: string) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const between = ['\\.\\.+', '…', '–', english.to, literally(to)].join('|');
  const by = [english.step, ':', '/', literally(step)].join('|');
  return new RegExp(`^(${number})\\s*(?:${between})\\s*(${number})(?:\\s*(?:${by})\\s*(${number}))?$`, 'iu');
}

/** The parts of a list, numbers with points. A comma before a space parts in every language. */
function partsOf(text: string, commas: boolean): string[] {
  const parts = text.split(commas ? /[;\n]+|,(?=\s|$)/ : /[,;\n]+/).map((piece) => piece.trim());
  return parts.filter(Boolean).map((piece) => (commas ? piece.replace(/(\d),(?=\d)/g, '$1.') : piece));
}

/** No range is written out beyond this. */
const most = 200;

/**
 * Values of a number as a person writes them: a list ("1, 3, 5"), a range ("1..5", by ones of a whole number, by four
 * steps of another), a range with its step ("0.1..0.5 step 0.2"), or several of those, also with the words and the
 * comma of the person's language ("0,1 bis 0,5"). Each value once, in their order.
 */
export function readValues(
  spec: Extract<OptionSpec, { kind: 'number' }>,
  text: string,
  words: RangeWords = english,
): { values: number[] } | { problem: SweepProblem } {
  const values: number[] = [];
  const range = rangeIn(words);
  // Of whole numbers a comma can only part.
  for (const part of partsOf(text, words.comma && !spec.integer)) {
    if (single.test(part)) {
      values.push(Number(part));
      continue;
    }
    const [, from, to, by] = range.exec(part) ?? [];
    if (from === undefined || to === undefined) return { problem: { code: 'unread', part } };
    const [first, last] = [Number(from), Number(to)];
    if (last < first) return { problem: { code: 'backwards', part } };
    const step = by === undefined ? (spec.integer ? 1 : (last - first) / 4) : Number(by);
    if (!(step > 0) && last > first) return { problem: { code: 'endless', part } };
    const steps = last > first ? Math.floor((last - first) / step + 1e-9) : 0;
    if (steps >= most) return { problem: { code: 'endless', part } };
    // Digits that the arithmetic of halves and tenths brings are not meant.
    for (let i = 0; i <= steps; i++) values.push(Number((first + i * step).toPrecision(10)));
  }
  for (const value of values) {
    if (value < spec.min || value > spec.max) return { problem: { code: 'outside', value } };
    if (spec.integer && !Number.isInteger(value)) return { problem: { code: 'fraction', value } };
  }
  return { values: [...new Set(values)] };
}

/**
 * Lanes of a sweep, one for each value, all else as in `lane`. Each says its value, also where that is the default, so
 * that it keeps it under another family too. Where the group has a lane of the value already, that one is set up anew
 * instead of a second. `taken`: all lanes that there are.
 */
export function sweepLanes(
  lane: LaneConfig,
  option: string,
  values: readonly OptionValue[],
  taken: readonly LaneConfig[],
): LaneConfig[] {
  const before = sweptOf(lane.id);
  // A lane of this very sweep goes on with its group.
  const base = before?.option === option ? before.base : lane.id;
  const ids = new Set(taken.map(({ id }) => id));
  return values.map((value) => {
    const wanted = sweptId({ base, option, value: String(value) });
    const id = wanted.length <= longestId ? wanted : freeId(sweptId({ base: lane.decoder, option, value: '' }), ids);
    ids.add(id);
    return { id, decoder: lane.decoder, options: { ...lane.options, [option]: value } };
  });
}

/** A name by a number, where the values would make it too long. */
function freeId(start: string, taken: ReadonlySet<string>): string {
  for (let n = 1; ; n++) {
    const id = `${start.slice(0, longestId - 4)}${n}`;
    if (!taken.has(id)) return id;
  }
}

/** How many of these lanes would be new ones beside those that there are. */
export const newLanes = (made: readonly LaneConfig[], taken: readonly LaneConfig[]): number =>
  made.filter(({ id }) => !taken.some((lane) => lane.id === id)).length;

/** Lanes with those of a sweep put in: after the lane that was swept and its group, or in place of the same. */
export function withSweep(lanes: readonly LaneConfig[], from: string, made: readonly LaneConfig[]): LaneConfig[] {
  const replaced = lanes.map((lane) => made.find(({ id }) => id === lane.id) ?? lane);
  const fresh = made.filter(({ id }) => !lanes.some((lane) => lane.id === id));
  const root = sweptOf(from)?.base ?? from;
  const at = replaced.findLastIndex(({ id }) => id === from || sweptOf(id)?.base === root);
  return [...replaced.slice(0, at + 1), ...fresh, ...replaced.slice(at + 1)];
}

/** A lane of a sweep always says its swept option: its name is told by it. */
export function keepSwept(id: string, options: OptionSet, defaults: OptionSet): OptionSet {
  const option = sweptOf(id)?.option;
  const usual = option === undefined ? undefined : defaults[option];
  return option === undefined || option in options || usual === undefined ? options : { ...options, [option]: usual };
}
