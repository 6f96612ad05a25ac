import type { ReactNode } from 'react';

/** Short facts of a card; those that are not known are left out. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className="mt-2 space-y-1 text-sm">
      {facts.map(
        ([name, value]) =>
          value && (
            <div key={name} className="grid grid-cols-[4.5rem_minmax(0,1fr)] sm:grid-cols-[6rem_minmax(0,1fr)] gap-2">
              <dt className="text-quiet">{name}</dt>
              {/* Inter would write the x of rn50x4 as a times sign. */}
              <dd className="[font-variant-ligatures:no-contextual] [overflow-wrap:anywhere]">{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
