'use client';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { Search, Trash2, Undo2, Upload, X } from 'lucide-react';
import Link from 'next/link';
import { useDeferredValue, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { ExportMenu } from '../exports/export-menu';
import { Header } from '../frame/header';
import { isTyping } from '../frame/shortcuts';
import { isSwitchedOff } from '../frame/single-keys';
import { isHidden, useBlindState } from '../ratings/blind';
import { problemOf } from '../client/client';
import { importFromFile } from '../exports/import-file';
import { type Entry, entryName } from './entries';
import { EntryRow, type RowActions } from './entry-row';
import { Ownership } from './ownership';
import { RatingsDialog } from './ratings-dialog';
import { useHistory } from './use-history';

const button =
  'flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';

export function HistoryView() {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [deleted, setDeleted] = useState(false);
  const [rated, setRated] = useState<boolean>();
  const blind = useBlindState();
  const search = useDeferredValue(useSettled(typed.trim()));
  const { entries, server, browser, undo, setUndo, problem, setProblem, remove, restore, purge, edit, refresh } =
    useHistory(search, deleted, rated);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [said, setSaid] = useState('');
  const last = useRef<string>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const file = useRef<HTMLInputElement>(null);
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
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = server;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && lastShown >= entries.length - 20) void fetchNextPage();
  }, [entries.length, fetchNextPage, hasNextPage, isFetchingNextPage, lastShown]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || isTyping(event) || isSwitchedOff(event)) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const selected = chosen.size ? entries.filter(({ id }) => chosen.has(id)) : [];
  const choose = (entry: Entry, on: boolean, range: boolean) => {
    const after = new Set(chosen);
    const [from, to] = [entries.findIndex(({ id }) => id === last.current), entries.indexOf(entry)];
    const part = range && from >= 0 ? entries.slice(Math.min(from, to), Math.max(from, to) + 1) : [entry];
    for (const { id } of part) {
      if (on) after.add(id);
      else after.delete(id);
    }
    last.current = entry.id;
    setChosen(after);
  };
  const gone = (list: readonly Entry[], act: (list: readonly Entry[]) => void) => {
    act(list);
    setChosen(new Set());
  };
  const now = useRef<RowActions>(undefined);
  useLayoutEffect(() => {
    now.current = {
      select: choose,
      edit: (entry, title, note) => edit({ entry, title, note }),
      remove: (entry) => gone([entry], remove),
      restore: (entry) => gone([entry], restore),
      problem: setProblem,
      changed: () => void refresh(),
    };
  });
  const [actions] = useState<RowActions>(() => ({
    select: (...args) => now.current!.select(...args),
    edit: (...args) => now.current!.edit(...args),
    remove: (entry) => now.current!.remove(entry),
    restore: (entry) => now.current!.restore(entry),
    problem: (text) => now.current!.problem(text),
    changed: () => now.current!.changed(),
  }));
  const take = async (picked: File) => {
    setProblem(undefined);
    setSaid(t('Reading {{what}} …', { what: picked.name }));
    try {
      const { comparisons } = await importFromFile(picked);
      const fresh = comparisons.filter(({ known }) => !known).length;
      setSaid(
        `${[t('{{count}} imported', { count: fresh }), ...(fresh < comparisons.length ? [t('{{count}} here already', { count: comparisons.length - fresh })] : [])].join(', ')}.`,
      );
      await refresh();
    } catch (error) {
      setSaid('');
      setProblem(problemOf(error));
    }
  };

  const failed = server.error ? problemOf(server.error) : undefined;
  const empty = !entries.length && !server.isPending && !failed;
  return (
    <div
      className="flex min-h-dvh flex-col"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const dropped = event.dataTransfer.files[0];
        if (dropped) void take(dropped);
      }}
    >
      <Header device="" />
      <main id="lanes" className="mx-auto w-full max-w-5xl flex-1 p-4" tabIndex={-1}>
        <div className="mb-3 flex flex-wrap items-center gap-2">
          <h1 className="mr-auto text-xl font-semibold tracking-tight">{deleted ? t('Deleted') : t('History')}</h1>
          <button
            type="button"
            className={button}
            aria-pressed={deleted}
            onClick={() => (setDeleted(!deleted), setChosen(new Set()))}
          >
            <Trash2 size={15} aria-hidden /> {deleted ? t('Back to the history') : t('Deleted')}
          </button>
          <button type="button" className={button} onClick={() => file.current?.click()}>
            <Upload size={15} aria-hidden /> <span className="sr-only sm:not-sr-only">{t('Import')}</span>
          </button>
          <input
            ref={file}
            type="file"
            accept=".json,application/json"
            aria-label={t('File to import')}
            tabIndex={-1}
            className="sr-only"
            onChange={(event) => {
              const picked = event.target.files?.[0];
              event.target.value = '';
              if (picked) void take(picked);
            }}
          />
          <RatingsDialog />
          <Ownership onRestored={refresh} />
        </div>
        <div className="sticky top-0 z-10 -mx-4 mb-3 border-b border-line bg-page px-4 py-2">
          <div className="flex flex-wrap items-center gap-2">
            <label className="relative min-w-40 flex-1">
              <span className="sr-only">{t('Search captions, titles and notes')}</span>
              <Search size={15} aria-hidden className="absolute top-2.5 left-2.5 text-quiet" />
              <input
                ref={field}
                type="search"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
                placeholder={t('Search captions, titles, notes')}
                aria-keyshortcuts="/"
                className="w-full rounded-md border border-line bg-card py-1.5 pr-3 pl-8 text-sm placeholder:text-quiet"
              />
            </label>
            <select
              aria-label={t('Which comparisons')}
              value={rated === undefined ? '' : String(rated)}
              onChange={(event) => setRated(event.target.value === '' ? undefined : event.target.value === 'true')}
              className="rounded-md border border-line bg-card px-2 py-1.5 text-sm"
            >
              <option value="">{t('All')}</option>
              <option value="true">{t('Some caption rated')}</option>
              <option value="false">{t('No caption rated')}</option>
            </select>
            {selected.length > 0 && (
              <>
                <span className="text-sm" role="status">
                  {t('{{count}} selected', { count: selected.length })}
                </span>
                {deleted ? (
                  <>
                    <button type="button" className={button} onClick={() => gone(selected, restore)}>
                      <Undo2 size={15} aria-hidden /> {t('Restore')}
                    </button>
                    <button
                      type="button"
                      className={`${button} border-danger text-danger`}
                      onClick={() =>
                        window.confirm(
                          t('Delete {{count}} for good? This cannot be undone.', { count: selected.length }),
                        ) && gone(selected, purge)
                      }
                    >
                      <Trash2 size={15} aria-hidden /> {t('Delete for good')}
                    </button>
                  </>
                ) : (
                  <>
                    <ExportMenu entries={selected} onProblem={setProblem} />
                    <button type="button" className={button} onClick={() => gone(selected, remove)}>
                      <Trash2 size={15} aria-hidden /> {t('Delete')}
                    </button>
                  </>
                )}
                <button
                  type="button"
                  className={button}
                  onClick={() => setChosen(new Set())}
                  aria-label={t('Select none')}
                >
                  <X size={15} aria-hidden />
                </button>
              </>
            )}
            {entries.length > 0 && selected.length < entries.length && (
              <button type="button" className={button} onClick={() => setChosen(new Set(entries.map(({ id }) => id)))}>
                {hasNextPage ? t('Select these {{count}}', { count: entries.length }) : t('Select all')}
              </button>
            )}
          </div>
        </div>
        {(problem ?? failed) && (
          <p
            role="alert"
            data-testid="problem"
            className="mb-3 rounded-md border border-danger p-3 text-sm text-danger"
          >
            <ProblemText of={(problem ?? failed)!} />
          </p>
        )}
        {browser.error && (
          <p className="mb-3 text-sm text-quiet">
            {t('This browser’s own comparisons cannot be read:')} <ProblemText of={problemOf(browser.error)} />
          </p>
        )}
        <p role="status" className={said ? 'mb-3 text-sm text-quiet' : 'sr-only'} data-testid="said">
          {said}
        </p>
        {blind.on && entries.length > 0 && (
          <p className="mb-3 text-sm text-quiet">
            {t('Blind mode is on: which decoder said what is told once you have revealed it in the comparison.')}
          </p>
        )}
        {server.isPending && <p className="text-sm text-quiet">{t('Reading the history …')}</p>}
        {empty && <Empty search={search} deleted={deleted} rated={rated} />}
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
                aria-setsize={hasNextPage ? -1 : entries.length}
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
        {isFetchingNextPage && <p className="py-3 text-center text-sm text-quiet">{t('Reading more …')}</p>}
      </main>
      {undo && (
        <div
          role="status"
          className="fixed bottom-4 left-1/2 z-20 flex w-max max-w-[calc(100vw-2rem)] -translate-x-1/2 items-center gap-3 rounded-lg border border-line bg-ink px-4 py-2.5 text-sm text-page shadow-lg"
        >
          <span className="min-w-0 truncate">
            {undo.entries.length === 1
              ? t('“{{name}}” deleted.', { name: entryName(undo.entries[0]!, t) })
              : t('{{count}} comparisons deleted.', { count: undo.entries.length })}
          </span>
          <button
            type="button"
            className="rounded border border-page/50 px-2 py-0.5 font-medium"
            onClick={() => restore(undo.entries)}
          >
            {t('Undo')}
          </button>
          <button type="button" aria-label={t('Close')} className="p-0.5" onClick={() => setUndo(undefined)}>
            <X size={15} aria-hidden />
          </button>
        </div>
      )}
    </div>
  );
}

function Empty({ search, deleted, rated }: { search: string; deleted: boolean; rated: boolean | undefined }) {
  const { t } = useTranslation();
  return (
    <div className="rounded-lg border border-dashed border-line p-8 text-center text-sm text-quiet">
      {rated !== undefined && !search ? (
        <p>
          {rated
            ? t('Nothing is rated yet. Give stars to captions where they stand: open a comparison, or run one.')
            : t('No comparison is without a rated caption.')}
        </p>
      ) : search ? (
        <p>{t('No caption, title or note has words that begin with “{{search}}”.', { search })}</p>
      ) : deleted ? (
        <p>{t('Nothing is deleted. What you delete stays here for a week and can be brought back.')}</p>
      ) : (
        <>
          <p className="mb-3 text-base text-ink">{t('Nothing is kept yet.')}</p>
          <p className="mb-4">
            {t(
              'Every comparison is kept as it runs: its picture, captions, options and each step, so that it can be looked at again without any model.',
            )}
          </p>
          <Link href="/" className="inline-block rounded-md border border-accent px-3 py-1.5 font-medium text-ink">
            {t('Compare a photo')}
          </Link>
        </>
      )}
    </div>
  );
}

/** A value once it has not changed for a moment. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 150);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
