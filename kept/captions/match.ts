/** What may name an image: file names (with or without folders) and ids, as its file gives them. */
export type Named = { readonly names: readonly string[]; readonly ids: readonly string[] };

/** By what two files name the same image. */
export const joins = ['file name', 'image id', 'number in the file name', 'file name without its ending'] as const;
export type Join = (typeof joins)[number];

export type Match = {
  /** The ways that were needed. */
  by: Join[];
  /** For each of ours the index of theirs; undefined where none or more than one fits. */
  found: (number | undefined)[];
  /** Ours that fit more than one of theirs (all listed), or share one of theirs with others of ours. */
  unclear: Map<number, number[]>;
};

/**
 * Joins two lists of images by what names them: in the one of four ways that joins the most of them, and what is left
 * over in the others. Paths decide between files of the same name: `a/x.jpg` is `photos/a/x.jpg` and not `b/x.jpg`;
 * folders that only one side has do not part them as long as the file name is the only one of its kind on both sides.
 */
export function matchImages(ours: readonly Named[], theirs: readonly Named[]): Match {
  const ways = [byPath, ...keyed].map((way) => ({ way, ...way(ours, theirs) }));
  const clear = ({ found }: Pick<Match, 'found'>) => found.filter((index) => index !== undefined).length;
  const best = ways.reduce((most, next) =>
    clear(next) > clear(most) || (!clear(next) && !clear(most) && next.unclear.size > most.unclear.size) ? next : most,
  );
  const { found, unclear } = best;
  const by = new Set(best.by);
  for (const { way } of ways.filter((one) => one !== best)) {
    const rest = ours.flatMap((_, i) => (found[i] === undefined && !unclear.has(i) ? [i] : []));
    if (!rest.length) break;
    const taken = new Set(found);
    const free = theirs.flatMap((_, i) => (taken.has(i) ? [] : [i]));
    const more = way(
      rest.map((i) => ours[i]!),
      free.map((i) => theirs[i]!),
    );
    more.found.forEach((index, i) => {
      if (index === undefined) return;
      found[rest[i]!] = free[index];
      by.add(more.by[0]!);
    });
    for (const [i, fits] of more.unclear)
      unclear.set(
        rest[i]!,
        fits.map((fit) => free[fit]!),
      );
  }
  return { by: [...by], found, unclear };
}

/** An image of which one string is all that is known: it may be a file name or an id. */
export const namedBy = (text: string): Named => ({ names: [text], ids: [text] });

const parts = (path: string) =>
  path
    .normalize('NFC')
    .split(/[\\/]/)
    .filter((part) => part && part !== '.');
const base = (path: string) => parts(path).at(-1) ?? '';
const stem = (path: string) => base(path).replace(/\.[a-z]\w{1,4}$/i, '');

/**
 * The number that a file name is or ends with as COCO's do: `391895.jpg`, `COCO_val2014_000000391895.jpg`. Other
 * digits (`holiday_5.jpg`, the hashes of Flickr's names) name no image by themselves.
 */
export function numberIn(name: string): string | undefined {
  const digits = /^(?:(\d{1,15})|.*[_-](0\d{7,14}))\.(?:jpe?g|png|webp|tiff?|avif|gif)$/i.exec(base(name));
  return digits ? String(Number(digits[1] ?? digits[2])) : undefined;
}

const number = (id: string) => (/^\d{1,15}$/.test(id) ? String(Number(id)) : undefined);
const keyed = [
  byKey('image id', ({ ids }) => ids.map((id) => number(id) ?? id)),
  byKey('number in the file name', ({ names, ids }) => [...names.map(numberIn), ...ids.map(number)]),
  byKey('file name without its ending', ({ names, ids }) => [...names, ...ids].map(stem)),
];

function byKey(by: Join, keysOf: (image: Named) => (string | undefined)[]) {
  return (ours: readonly Named[], theirs: readonly Named[]): Match => {
    const index = new Map<string, Set<number>>();
    theirs.forEach((image, i) => {
      for (const key of keysOf(image)) if (key) index.set(key, (index.get(key) ?? new Set()).add(i));
    });
    return settle(
      by,
      ours.map((image) => ({
        fits: [...new Set(keysOf(image).flatMap((key) => (key ? [...(index.get(key) ?? [])] : [])))],
        exact: false,
      })),
    );
  };
}

function byPath(ours: readonly Named[], theirs: readonly Named[]): Match {
  const index = new Map<string, { path: string[]; i: number }[]>();
  theirs.forEach(({ names }, i) => {
    for (const name of names) push(index, base(name), { path: parts(name), i });
  });
  const ourNames = new Map<string, number>();
  for (const { names } of ours)
    for (const key of new Set(names.map(base))) ourNames.set(key, (ourNames.get(key) ?? 0) + 1);
  return settle(
    'file name',
    ours.map(({ names }) => {
      for (const name of names) {
        const path = parts(name);
        const same = path.length ? (index.get(path.at(-1)!) ?? []) : [];
        const exact = same.filter((other) => other.path.length === path.length && shared(other.path, path));
        if (exact.length) return { fits: unique(exact), exact: true };
        const inside = same.filter((other) => shared(other.path, path));
        const longest = Math.max(0, ...inside.map((other) => Math.min(other.path.length, path.length)));
        const fits = unique(inside.filter((other) => Math.min(other.path.length, path.length) === longest));
        if (fits.length) return { fits, exact: false };
        if (unique(same).length === 1 && ourNames.get(path.at(-1)!) === 1) return { fits: unique(same), exact: false };
      }
      return { fits: [], exact: false };
    }),
  );
}

/** Whether the shorter path is the end of the longer one. */
function shared(a: readonly string[], b: readonly string[]): boolean {
  const length = Math.min(a.length, b.length);
  for (let i = 1; i <= length; i++) if (a[a.length - i] !== b[b.length - i]) return false;
  return true;
}

/** What fits once is found; what fits more than once, or is wanted by several, is unclear. */
function settle(by: Join, all: readonly { fits: readonly number[]; exact: boolean }[]): Match {
  const wantedBy = new Map<number, { ours: number; exact: boolean }[]>();
  all.forEach(({ fits, exact }, ours) => {
    if (fits.length === 1) push(wantedBy, fits[0]!, { ours, exact });
  });
  const unclear = new Map<number, number[]>();
  const found = all.map(({ fits, exact }, ours) => {
    if (!fits.length) return undefined;
    const rivals = fits.length === 1 ? wantedBy.get(fits[0]!)!.filter((other) => other.ours !== ours) : [];
    if (fits.length === 1 && (!rivals.length || (exact && rivals.every((rival) => !rival.exact)))) return fits[0];
    if (fits.length > 1 || !rivals.some((rival) => rival.exact)) unclear.set(ours, [...fits]);
    return undefined;
  });
  return { by: [by], found, unclear };
}

const unique = (fits: readonly { i: number }[]) => [...new Set(fits.map(({ i }) => i))];
function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
