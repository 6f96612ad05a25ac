import { StudioError } from '../errors';

/** The decoder's name, or with the first number that is free. */
export function freeName(decoder: string, taken: ReadonlySet<string>): string {
  let name = decoder;
  for (let n = 2; taken.has(name); n++) name = `${decoder}-${n}`;
  return name;
}

/** Lanes with a name each, told apart from one another; no name made here is one of `beside`. @throws option-invalid */
export function nameLanes<T extends { id?: string; decoder: string }>(
  lanes: readonly T[],
  beside: Iterable<string> = [],
): (T & { id: string })[] {
  const given = lanes.flatMap(({ id }) => id ?? []);
  const twice = given.find((id, i) => given.indexOf(id) < i);
  if (twice !== undefined)
    throw new StudioError(
      'option-invalid',
      `Two lanes are called ${twice}. Give each lane a name of its own, or none.`,
    );
  const taken = new Set([...beside, ...given]);
  return lanes.map((lane) => {
    const id = lane.id ?? freeName(lane.decoder, taken);
    taken.add(id);
    return { ...lane, id };
  });
}
