/**
 * What a command prints with `--json`, field by field: `captions[].tokens`. `[]` stands for each entry of a list, `{}`
 * for each key of an object, and `.*` at the end for whatever is inside.
 */
export type Fields = Readonly<Record<string, string>>;

/** The fields for `--help`, a line each. */
export function fieldHelp(fields: Fields): string {
  const width = Math.max(...Object.keys(fields).map(({ length }) => length));
  return Object.entries(fields)
    .map(([path, meaning]) => `  ${path.padEnd(width)}  ${meaning}`)
    .join('\n');
}

/** The same fields inside another: `lanes[]`. */
export const within = (path: string, fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, meaning]) => [`${path}.${name}`, meaning]));

/** An error, wherever one is printed. */
export const errorFields: Fields = {
  code: 'what went wrong, for programs',
  message: 'what went wrong, what was expected and how to mend it',
};
