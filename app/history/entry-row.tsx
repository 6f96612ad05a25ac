'use client';
import { EyeOff, GitBranch, Link2, MonitorSmartphone, Pencil, Star, StickyNote, Trash2, Undo2 } from 'lucide-react';
import Link from 'next/link';
import { type FormEvent, memo, useState } from 'react';
import { msg } from '../languages/msg';
import { useNumbers } from '../languages/numbers';
import type { Problem } from '../languages/problem-text';
import { ratedText } from '../languages/rated';
import { useTranslation } from '../languages/use-translation';
import { pathOf } from '../comparisons/address';
import { ExportMenu } from '../exports/export-menu';
import { ReplayDialog } from '../replay/replay-dialog';
import { ShareDialog } from '../sharing/share-dialog';
import type { Rating } from '@/kept/ratings';
import { blindOrder } from '../ratings/blind';
import { LaneMark } from '../views/lane-mark';
import { type Entry, entryName } from './entries';
import { Thumbnail } from './thumbnail';

/**
 * What can be done with an entry; the same object for all rows and as long as the page stands, so that a row is drawn
 * again only when it changes.
 */
export type RowActions = {
  select: (entry: Entry, on: boolean, range: boolean) => void;
  edit: (entry: Entry, title: string, note: string) => Promise<unknown>;
  remove: (entry: Entry) => void;
  restore: (entry: Entry) => void;
  problem: (problem: Problem | undefined) => void;
  changed: () => void;
};
const statusWords: Readonly<Record<string, string>> = {
  queued: msg('queued'),
  waiting: msg('waiting'),
  running: msg('running'),
  finished: msg('done'),
  failed: msg('failed'),
  cancelled: msg('cancelled'),
  interrupted: msg('interrupted'),
};
const icon = 'rounded-md border border-line bg-card p-1.5 text-ink disabled:opacity-50';

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
  const { moment } = useNumbers();
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
                <p className="flex flex-wrap items-center gap-x-2 font-mono text-xs text-quiet">
                  <time dateTime={entry.createdAt.toISOString()}>{moment(entry.createdAt)}</time>
                  {entry.address.where === 'browser' && (
                    <span className="inline-flex items-center gap-1 rounded border border-line px-1.5">
                      <MonitorSmartphone size={12} aria-hidden />{' '}
                      {entry.savedId
                        ? t('this browser, and saved')
                        : entry.half
                          ? t('this browser and the server')
                          : t('this browser only')}
                    </span>
                  )}
                  {entry.facts.map((fact) => (
                    <span key={fact}>{t(fact)}</span>
                  ))}
                  {entry.status !== 'finished' && (
                    <span className="rounded border border-line px-1.5 text-ink">{t(statusWords[entry.status]!)}</span>
                  )}
                  {entry.shares > 0 && (
                    <span className="inline-flex items-center gap-1">
                      <Link2 size={12} aria-hidden /> {t('{{count}} links', { count: entry.shares })}
                    </span>
                  )}
                </p>
              </div>
              <div className="flex gap-1.5">
                {entry.deleted ? (
                  <button
                    type="button"
                    className={`${icon} flex items-center gap-1 px-2.5 text-sm`}
                    onClick={() => actions.restore(entry)}
                    aria-label={t('Restore {{name}}', { name })}
                  >
                    <Undo2 size={15} aria-hidden /> {t('Restore')}
                  </button>
                ) : (
                  <>
                    <button
                      type="button"
                      className={icon}
                      onClick={() => setEditing(true)}
                      aria-label={t('Rename or annotate {{name}}', { name })}
                      title={t('Rename, note')}
                    >
                      <Pencil size={15} aria-hidden />
                    </button>
                    <ReplayDialog address={entry.address} name={name} onDone={actions.changed} />
                    <ShareDialog
                      address={entry.address}
                      saved={entry.savedId}
                      name={name}
                      onChanged={actions.changed}
                    />
                    <ExportMenu entries={[entry]} onProblem={actions.problem} compact />
                    <button
                      type="button"
                      className={icon}
                      onClick={() => actions.remove(entry)}
                      aria-label={t('Delete {{name}}', { name })}
                      title={t('Delete')}
                    >
                      <Trash2 size={15} aria-hidden />
                    </button>
                  </>
                )}
              </div>
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
              <ul className="min-w-0 flex-1 space-y-1 text-sm">
                {lanes.map((lane) => (
                  <li key={lane.id} className="flex min-w-0 items-start gap-2">
                    {!hidden && (
                      <>
                        <LaneMark decoder={lane.decoder} />
                        <span className="sr-only">{lane.id}: </span>
                        {lane.branch && <Branch />}
                      </>
                    )}
                    {lane.caption === null ? (
                      <span className="text-quiet">
                        {lane.status === 'finished' ? t('(empty)') : t(statusWords[lane.status] ?? lane.status)}
                      </span>
                    ) : (
                      <span lang="en" className="line-clamp-3 [overflow-wrap:anywhere] sm:line-clamp-1">
                        {lane.caption || t('(empty)')}
                      </span>
                    )}
                    {lane.rating && <Stars rating={lane.rating} />}
                  </li>
                ))}
              </ul>
            </div>
          </>
        )}
      </div>
    </article>
  );
});

/** A person chose how its caption begins. */
function Branch() {
  const { t } = useTranslation();
  return (
    <span
      className="flex shrink-0 items-center gap-1 pt-0.5 text-xs text-quiet"
      title={t('It goes on from words that a person chose.')}
    >
      <GitBranch size={12} aria-hidden /> {t('branch')}
    </span>
  );
}

/** How many, in little room. */
function Stars({ rating }: { rating: Rating }) {
  const { t } = useTranslation();
  return (
    <span
      className="ml-auto flex shrink-0 items-center gap-1 pt-0.5 font-mono text-xs text-quiet"
      title={ratedText(t, rating)}
    >
      {rating.blind && <EyeOff size={12} aria-hidden />}
      <span aria-hidden>{rating.stars}</span>
      <Star size={12} aria-hidden className="fill-current" />
      <span className="sr-only">{ratedText(t, rating)}</span>
    </span>
  );
}

function EditForm({
  entry,
  onSave,
  onClose,
}: {
  entry: Entry;
  onSave: (title: string, note: string) => Promise<unknown>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const [title, setTitle] = useState(entry.title);
  const [note, setNote] = useState(entry.note);
  const [saving, setSaving] = useState(false);
  const field = 'w-full rounded-md border border-line bg-page px-2 py-1 text-sm text-ink placeholder:text-quiet';
  const save = async (event: FormEvent) => {
    event.preventDefault();
    setSaving(true);
    try {
      await onSave(title, note);
      onClose();
    } catch {
      // Told above the list; what was typed stays.
      setSaving(false);
    }
  };
  return (
    <form
      onSubmit={(event) => void save(event)}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
      className="space-y-2"
    >
      <label className="block text-xs text-quiet">
        {t('Title')}
        {/* Opened by the person to type in it. */}
        <input
          autoFocus
          className={field}
          value={title}
          maxLength={200}
          placeholder={entryName({ title: '', fallback: entry.fallback }, t)}
          onChange={(event) => setTitle(event.target.value)}
        />
      </label>
      <label className="block text-xs text-quiet">
        {t('Note (yours alone; a shared link does not show it)')}
        <textarea
          className={field}
          rows={3}
          value={note}
          maxLength={10_000}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
      <div className="flex gap-2">
        <button
          type="submit"
          disabled={saving}
          className="rounded-md border border-accent px-3 py-1 text-sm font-medium disabled:opacity-60"
        >
          {saving ? t('Saving …') : t('Save')}
        </button>
        <button type="button" onClick={onClose} className="rounded-md border border-line px-3 py-1 text-sm">
          {t('Cancel')}
        </button>
      </div>
    </form>
  );
}
