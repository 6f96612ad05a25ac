/** Where a comparison is kept: on the studio's server, or in this browser (which may hold only a part of it). */
export type Address = { where: 'server' | 'browser'; id: string };

/** The path of the page that shows it. */
export const pathOf = ({ where, id }: Address) => (where === 'server' ? `/c/${id}` : `/local?id=${id}`);

/** The comparison that the page at a path shows; undefined where it shows none. */
export function addressAt(path: string, search: { get(name: string): string | null }): Address | undefined {
  const there = /^\/c\/([\w-]+)$/.exec(path)?.[1];
  if (there) return { where: 'server', id: there };
  const here = path === '/local' ? search.get('id') : null;
  return here ? { where: 'browser', id: here } : undefined;
}

export const sameAddress = (a: Address | undefined, b: Address | undefined) => a?.where === b?.where && a?.id === b?.id;
