/**
 * A lane of a sweep has its place in its name, BASE..OPTION.VALUE: those of one group share BASE and OPTION. So the
 * group is known wherever the lane is: on the page, in a record, in a file of its own.
 */
export type Swept = { /** The lane that was swept. */ base: string; option: string; value: string };

const pattern = /^(.+)\.\.([A-Za-z]\w*)\.([\w.-]+)$/;

/** What a lane's name tells of its sweep; undefined for a lane of none. */
export function sweptOf(id: string): Swept | undefined {
  const [, base, option, value] = pattern.exec(id) ?? [];
  return base && option && value ? { base, option, value } : undefined;
}

/** The name of a lane of a sweep. */
export const sweptId = ({ base, option, value }: Swept): string =>
  `${base}..${option}.${value.replace(/[^\w.-]/g, '_')}`;

/** What tells it from the others of its group: the option and the value that it has by now, "beam 5". */
export function sweptTitle({ option, value }: Swept, options?: Readonly<Record<string, unknown>>): string {
  const own = options?.[option];
  return `${option} ${own === undefined ? value : String(own)}`;
}
