'use client';
import { StickyNote } from 'lucide-react';
import Link from 'next/link';
import { memo, useState } from 'react';
import { useTranslation } from '../languages/use-translation';
import { pathOf } from '../comparisons/address';
import { blindOrder } from '../ratings/blind-order';
import { EditForm } from './edit-form';
import { EntryCaptions } from './entry-captions';
import { EntryFacts } from './entry-facts';
import { EntryTools, type RowActions } from './entry-tools';
import { type Entry, entryName } from './entries';
import { Thumbnail } from './thumbnail';

/**
 * One comparison of the history: what it shows, what was said, and what can be done with it. `hidden`: names of its
 * lanes are not
 * shown. `shuffle`: the seed of the order in which the comparison itself shows them, where that is shuffled.
 */
export const EntryRow = memo(function EntryRow({
  entry,
  selected,
  shuffle,
  hidden,
  actions,
}: {
  entry: Entry;
  selected: boolean;
  shuffle: number | undefined;
  hidden: boolean;
  actions: RowActions;
}) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const name = entryName(entry, t);
  const lanes = shuffle === undefined ? entry.lanes : blindOrder(entry.lanes, shuffle, entry.id);
  return (
    <article
      aria-label={name}
      data-testid="entry"
      className={`grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 rounded-lg border bg-card p-3 sm:grid-cols-[auto_7.5rem_minmax(0,1fr)] ${selected ? 'border-accent' : 'border-line'}`}
    >
      <input
        type="checkbox"
        className="mt-1 size-4 accent-(--accent)"
        aria-label={t('Select {{name}}', { name })}
        checked={selected}
        onChange={(event) =>
          actions.select(
            entry,
            event.target.checked,
            event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey,
          )
        }
      />
      <Link href={pathOf(entry.address)} prefetch={false} tabIndex={-1} aria-hidden className="hidden sm:block">
        <Thumbnail picture={entry.thumbnail} />
      </Link>
      <div className="min-w-0">
        {editing ? (
          <EditForm
            entry={entry}
            onClose={() => setEditing(false)}
            onSave={(title, note) => actions.edit(entry, title, note)}
          />
        ) : (
          <>
            <div className="flex flex-wrap items-start gap-x-3 gap-y-1">
              <div className="min-w-0 flex-1 basis-40">
                <h2 className="truncate text-sm font-semibold">
                  <Link
                    href={pathOf(entry.address)}
                    prefetch={false}
                    className={entry.deleted ? 'pointer-events-none' : 'hover:underline'}
                  >
                    {name}
                  </Link>
                </h2>
                <EntryFacts entry={entry} />
              </div>
              <EntryTools entry={entry} name={name} actions={actions} onEdit={() => setEditing(true)} />
            </div>
            {entry.note && (
              <p className="mt-1.5 flex gap-1.5 text-sm text-quiet">
                <StickyNote size={14} aria-hidden className="mt-0.5 shrink-0" />
                <span className="line-clamp-2 [overflow-wrap:anywhere] whitespace-pre-line">{entry.note}</span>
              </p>
            )}
            <div className="mt-2 flex gap-3">
              <div className="w-20 shrink-0 sm:hidden">
                <Thumbnail picture={entry.thumbnail} />
              </div>
              <EntryCaptions lanes={lanes} said={entry.said} hidden={hidden} />
            </div>
          </>
        )}
      </div>
    </article>
  );
});
