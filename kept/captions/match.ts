/** What may name an image: file names (with or without folders) and ids, as its file gives them. */
export type Named = { readonly names: readonly string[]; readonly ids: readonly string[] };

/** By what two files name the same image. */
export const joins = ['file name', 'image id', 'number in the file name', 'file name without its ending'] as const;
export type Join = (typeof joins)[number];

export type Match = {
  by: Join;
  /** For each of ours the index of theirs; undefined where none or more than one fits. */
  found: (number | undefined)[];
  /** Ours that fit more than one of theirs (all listed), or share one of theirs with others of ours. */
  unclear: Map<number, number[]>;
};

/**
 * Joins two lists of images by what names them: in the one of four ways that joins the most of them. Paths decide
 * between files of the same name: `a/x.jpg` is `photos/a/x.jpg` and not `b/x.jpg`; folders that only one side has do
 * not part them as long as the file name is the only one of its kind on both sides.
 */
export function matchImages(ours: readonly Named[], theirs: readonly Named[]): Match {
  const tries = [byPath(ours, theirs), ...keyed.map(([by, keys]) => byKey(by, keys, ours, theirs))];
  const clear = ({ found }: Match) => found.filter((index) => index !== undefined).length;
  return tries.reduce((best, next) =>
    clear(next) > clear(best) || (clear(next) === clear(best) && next.unclear.size > best.unclear.size && !clear(best))
      ? next
      : best,
  );
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
 * The number that a file name ends with as COCO's do (`COCO_val2014_000000391895.jpg`, `000000391895.jpg`). Digits
 * that end a word, as in the hashes of Flickr's names, are no number.
 */
export function numberIn(name: string): string | undefined {
  const digits = /(?:^|[^\p{L}\d])(\d{1,15})\.(?:jpe?g|png|webp|tiff?|avif|gif)$/iu.exec(base(name))?.[1];
  return digits === undefined ? undefined : String(Number(digits));
}

const keyed: [Join, (image: Named) => (string | undefined)[]][] = [
  ['image id', ({ ids }) => ids.map((id) => (/^\d{1,15}$/.test(id) ? String(Number(id)) : id))],
  [
    'number in the file name',
    ({ names, ids }) => [...names.map(numberIn), ...ids.map((id) => (/^\d{1,15}$/.test(id) ? String(Number(id)) : ''))],
  ],
  ['file name without its ending', ({ names, ids }) => [...names, ...ids].map(stem)],
];

function byKey(
  by: Join,
  keysOf: (image: Named) => (string | undefined)[],
  ours: readonly Named[],
  theirs: readonly Named[],
): Match {
  const index = new Map<string, Set<number>>();
  theirs.forEach((image, i) => {
    for (const key of keysOf(image)) if (key) index.set(key, (index.get(key) ?? new Set()).add(i));
  });
  return settle(
    by,
    ours.map((image) => {
      const fits = [...new Set(keysOf(image).flatMap((key) => (key ? [...(index.get(key) ?? [])] : [])))];
      return { fits, exact: false };
    }),
  );
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
  return { by, found, unclear };
}

const unique = (fits: readonly { i: number }[]) => [...new Set(fits.map(({ i }) => i))];
function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
