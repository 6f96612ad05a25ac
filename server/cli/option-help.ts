import { decoders } from '../../models/decoders/registry';
import type { OptionSpec } from '../../models/decoders/option-spec';

/**
 * Every option of every decoder for `--help`: those that all share once, then each decoder's own. `search` has its own
 * flag.
 */
export function optionHelp(): string {
  const [first, ...others] = decoders;
  const same = (a: OptionSpec, b: OptionSpec) => JSON.stringify(a) === JSON.stringify(b);
  const shared = (first?.options ?? []).filter((spec) =>
    others.every(({ options }) => options.some((other) => same(spec, other))),
  );
  const own = decoders.map(({ name, options }) => ({
    name,
    options: options.filter((spec) => spec.name !== 'search' && !shared.some((other) => same(spec, other))),
  }));
  return [
    'Options of every decoder (the family may set another default):',
    ...shared.map((spec) => line(spec.name, spec)),
    ...own
      .filter(({ options }) => options.length)
      .flatMap(({ name, options }) => [`Options of ${name}:`, ...options.map((spec) => line(spec.name, spec))]),
  ].join('\n');
}

function line(name: string, spec: OptionSpec): string {
  const range =
    spec.kind === 'number'
      ? `${spec.min} to ${spec.max}`
      : spec.kind === 'boolean'
        ? 'true or false'
        : spec.kind === 'tokens'
          ? 'ids separated by commas'
          : spec.choices.join(', ');
  return `  ${name.padEnd(15)} ${spec.help} ${range}   (${spec.kind === 'tokens' ? 'none' : spec.default})`;
}
