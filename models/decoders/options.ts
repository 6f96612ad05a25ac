import { StudioError } from '../errors';
import type { OptionSpec, OptionValue, OptionValues } from './option-spec';

/**
 * Every option with a valid value: what was given, else the family's default, else the decoder's. Unknown names and
 * values out of
 * range are refused. @throws option-invalid
 */
export function resolveOptions(
  decoder: string,
  specs: readonly OptionSpec[],
  given: Record<string, unknown>,
  familyDefaults: Record<string, unknown> = {},
): OptionValues {
  for (const name of Object.keys(given)) {
    if (specs.some((spec) => spec.name === name)) continue;
    const near = nearest(
      name,
      specs.map((spec) => spec.name),
    );
    throw new StudioError(
      'option-invalid',
      `${decoder} has no option "${name}".${near ? ` Did you mean "${near}"?` : ''} It knows ${specs.map((spec) => spec.name).join(', ')}.`,
      { details: { option: name } },
    );
  }
  return Object.fromEntries(
    specs.map((spec) => [
      spec.name,
      check(decoder, spec, given[spec.name] ?? familyDefaults[spec.name] ?? spec.default),
    ]),
  );
}

function check(decoder: string, spec: OptionSpec, value: unknown): OptionValue {
  const refuse = (expected: string) =>
    new StudioError(
      'option-invalid',
      `${decoder}: option "${spec.name}" is ${JSON.stringify(value)}; expected ${expected}. ${spec.help}`,
      { details: { option: spec.name } },
    );
  switch (spec.kind) {
    case 'number': {
      const range = `${spec.integer ? 'a whole number' : 'a number'} from ${spec.min} to ${spec.max}`;
      if (typeof value !== 'number' || !Number.isFinite(value) || value < spec.min || value > spec.max)
        throw refuse(range);
      if (spec.integer && !Number.isInteger(value)) throw refuse(range);
      return value;
    }
    case 'boolean':
      if (typeof value !== 'boolean') throw refuse('true or false');
      return value;
    case 'choice':
      if (typeof value !== 'string' || !spec.choices.includes(value)) throw refuse(`one of ${spec.choices.join(', ')}`);
      return value;
    case 'tokens': {
      const list: unknown = typeof value === 'string' ? value.split(',').filter(Boolean).map(Number) : value;
      if (!Array.isArray(list) || list.length > spec.max || !list.every((id) => Number.isInteger(id) && id >= 0))
        throw refuse(`at most ${spec.max} token ids, whole numbers separated by commas`);
      return list as number[];
    }
  }
}

/** The known name that needs the fewest edits to become `name`, if few. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const scored = known
    .map((candidate) => ({ candidate, edits: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = scored[0];
  return best && best.edits <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
