import type { OptionSpec, OptionValues, When } from './option-spec';

/**
 * The options that have a say under these values (those that are not given count at their default), in the order of
 * `specs`.
 */
export function neededOptions(specs: readonly OptionSpec[], values: OptionValues): OptionSpec[] {
  const matters = (spec: OptionSpec): boolean =>
    !spec.when || spec.when.some((when) => Object.entries(when).every(([name, wanted]) => holds(name, wanted)));
  const holds = (name: string, wanted: When[string]): boolean => {
    const spec = specs.find((other) => other.name === name);
    const value = spec && (values[name] ?? spec.default);
    // What has no say itself makes nothing else matter.
    if (spec && !matters(spec)) return false;
    return wanted === 'above 0' ? Number(value) > 0 : wanted.includes(value);
  };
  return specs.filter(matters);
}
