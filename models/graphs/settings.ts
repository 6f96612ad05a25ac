import { StudioError } from '../errors';

/** What a manifest says of a graph: the sizes that its network is made of. */
export type Settings = Record<string, number | string>;

/** The sizes of these names. @throws weights-invalid, naming the one that is wrong */
export function sizes<K extends string>(settings: Settings, ...names: K[]): Record<K, number> {
  return Object.fromEntries(
    names.map((name) => {
      const value = settings[name];
      if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 10_000_000)
        throw new StudioError(
          'weights-invalid',
          `A graph's setting "${name}" is ${JSON.stringify(value)} in the manifest; expected a positive whole number. Import the family again.`,
        );
      return [name, value];
    }),
  ) as Record<K, number>;
}

/** CLIP's activation: OpenAI's own where the manifest names none. @throws weights-invalid */
export function activation({ activation: kind = 'quick-gelu' }: Settings): 'gelu' | 'quick-gelu' {
  if (kind === 'gelu' || kind === 'quick-gelu') return kind;
  throw new StudioError(
    'weights-invalid',
    `A graph's activation is ${JSON.stringify(kind)} in the manifest; expected gelu or quick-gelu.`,
  );
}
