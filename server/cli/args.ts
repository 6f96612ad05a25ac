import { parseArgs, type ParseArgsConfig } from 'node:util';
import { nearest } from '../../models/decoders/options';
import { StudioError } from '../../models/errors';
import type { EngineOptions } from '../engine/host';
import { type Io, pathOf } from './io';

type Flags = NonNullable<ParseArgsConfig['options']>;
export type Values = Record<string, string | boolean | string[] | undefined>;

/**
 * Parses the words of a command. What it takes once is refused when it is given twice: of two, one would be dropped in
 * silence.
 * @param limits `positionals`: how many words that are no flags it takes; any number without it
 * @throws option-invalid that names the nearest known flag, or what is wrong with a known one
 */
export function parse(
  args: readonly string[],
  flags: Flags,
  { positionals: most = Infinity }: { positionals?: number } = {},
): { values: Values; positionals: string[] } {
  const known: Flags = { ...flags, help: { type: 'boolean', short: 'h' } };
  const { tokens } = parseArgs({ args: [...args], options: known, strict: false, tokens: true });
  const [values, positionals]: [Values, string[]] = [{}, []];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      if (positionals.push(token.value) > most) throw new StudioError('option-invalid', tooMany(token.value, most));
    } else if (token.kind === 'option') take(values, token, known);
  }
  return { values, positionals };
}

type Option = { name: string; rawName: string; value?: string; inlineValue?: boolean };

function take(values: Values, { name, rawName, value, inlineValue }: Option, known: Flags): void {
  const refuse = (why: string): never => {
    throw new StudioError('option-invalid', why);
  };
  const flag = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!flag) {
    const near = nearest(name, Object.keys(known));
    return refuse(
      `There is no flag ${rawName}.${near ? ` Did you mean --${near}?` : ''} Known are ${Object.keys(known)
        .map((other) => `--${other}`)
        .join(', ')}.${rawName.startsWith('--') ? '' : ' If it is no flag, write -- before it.'}`,
    );
  }
  if (flag.type === 'boolean') {
    if (value !== undefined) refuse(`--${name} takes no value; leave out "=${value}".`);
    if (values[name] !== undefined) refuse(`--${name} is given twice; once is enough.`);
    values[name] = true;
    return;
  }
  if (value === undefined) return refuse(`--${name} needs a value: --${name} VALUE.`);
  // `--out --json`: the value was forgotten. A dash alone is standard input, and numbers may be negative.
  if (!inlineValue && /^-[^\d.]/.test(value))
    refuse(`--${name} needs a value, and is followed by ${value}. If that is the value, write --${name}=${value}`);
  if (flag.multiple) values[name] = [...((values[name] as string[] | undefined) ?? []), value];
  else if (values[name] === undefined) values[name] = value;
  else refuse(`--${name} is given twice, "${String(values[name])}" and "${value}", and can be one of them only.`);
}

const tooMany = (word: string, most: number) =>
  `Unexpected argument '${word}'. ${
    most ? `At most ${most === 1 ? 'one is' : `${most} are`} taken here beside the flags` : 'Only flags are taken here'
  }; a name with spaces in it must stand in quotes.`;

export const text = (value: Values[string]): string | undefined => (typeof value === 'string' ? value : undefined);

/** How the engine is opened: by the flags, and where they say nothing by the environment. @throws option-invalid */
export function engineSettings(values: Values, io: Io): EngineOptions {
  return {
    ...familySettings(values, io),
    device: choice('device', text(values.device) ?? io.env.STUDIO_DEVICE, [
      'auto',
      'cpu',
      'cuda',
      'webgpu',
      'coreml',
      'dml',
    ]),
    precision: choice('precision', text(values.precision) ?? io.env.STUDIO_PRECISION, ['fp32', 'fp16', 'q8']),
  };
}

/** Where families lie, by the flag or the environment. */
export function familySettings(values: Values, io: Io): Pick<EngineOptions, 'familiesDir' | 'installedDir'> {
  const flag = text(values['families-dir']);
  return {
    familiesDir: flag === undefined ? io.env.STUDIO_FAMILIES_DIR : pathOf(io, flag),
    installedDir: io.env.STUDIO_INSTALLED_DIR,
  };
}

function choice<T extends string>(flag: string, value: string | undefined, choices: readonly T[]): T | undefined {
  if (value === undefined || value === '') return undefined;
  const found = choices.find((known) => known === value);
  if (!found)
    throw new StudioError('option-invalid', `--${flag} is "${value}"; expected one of ${choices.join(', ')}.`);
  return found;
}

/** A whole number from a flag. @throws option-invalid */
export function count(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new StudioError('option-invalid', `--${flag} is "${value}"; expected a whole number of at least 1.`);
  return number;
}
