'use client';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from '../languages/use-translation';
import { isHidden, type Blind } from '../ratings/blind-kept';
import type { Entry } from './entries';
import { EntryRow } from './entry-row';
import type { RowActions } from './entry-tools';

type Props = {
  entries: readonly Entry[];
  chosen: ReadonlySet<string>;
  blind: Blind;
  actions: RowActions;
  /** There are more on the server. */
  more: boolean;
  reading: boolean;
  onMore: () => void;
};

/** The entries of the history, of which those in sight are drawn; more are read as the end comes near. */
export function EntryList({ entries, chosen, blind, actions, more, reading, onMore }: Props) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(list.current?.offsetTop ?? 0), [chosen.size, entries.length]);
  const rows = useWindowVirtualizer({
    count: entries.length,
    estimateSize: () => 170,
    overscan: 6,
    scrollMargin: offset,
    getItemKey: (index) => entries[index]!.id,
  });
  const shown = rows.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? -1;
  useEffect(() => {
    if (more && !reading && lastShown >= entries.length - 20) onMore();
  }, [entries.length, lastShown, more, onMore, reading]);
  return (
    <div
      ref={list}
      role="list"
      aria-label={t('Comparisons')}
      style={{ height: rows.getTotalSize(), position: 'relative' }}
    >
      {shown.map(({ index, key, start }) => {
        const entry = entries[index]!;
        return (
          <div
            key={key}
            role="listitem"
            aria-setsize={more ? -1 : entries.length}
            aria-posinset={index + 1}
            data-index={index}
            ref={rows.measureElement}
            className="absolute inset-x-0 pb-3"
            style={{ transform: `translateY(${start - offset}px)` }}
          >
            <EntryRow
              entry={entry}
              selected={chosen.has(entry.id)}
              shuffle={blind.on ? blind.seed : undefined}
              hidden={isHidden(blind, entry.id)}
              actions={actions}
            />
          </div>
        );
      })}
    </div>
  );
}
