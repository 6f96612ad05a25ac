'use client';
import { useCallback, useDeferredValue, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { ExportMenu } from '../exports/export-menu';
import { Header } from '../frame/header';
import { useBlindHere } from '../ratings/use-blind-here';
import { problemOf } from '../client/client';
import { importFromFile } from '../exports/import-file';
import type { Entry } from './entries';
import { EntryList } from './entry-list';
import type { RowActions } from './entry-tools';
import { ChosenTools, HistoryBar } from './history-bar';
import { HistoryHead } from './history-head';
import { button } from './look';
import { NothingFound } from './nothing-found';
import { UndoBar } from './undo-bar';
import { useChosen } from './use-chosen';
import { useHistory } from './use-history';

/** Everything that was compared, to be looked for, looked at, exported and deleted. */
export function HistoryView() {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [deleted, setDeleted] = useState(false);
  const [rated, setRated] = useState<boolean>();
  const blind = useBlindHere();
  const search = useDeferredValue(useSettled(typed.trim()));
  const { entries, server, browser, undo, setUndo, problem, setProblem, remove, restore, purge, edit, refresh } =
    useHistory(search, deleted, rated);
  const chosen = useChosen(entries);
  const [said, setSaid] = useState('');
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = server;
  const readMore = useCallback(() => void fetchNextPage(), [fetchNextPage]);
  const gone = (list: readonly Entry[], act: (list: readonly Entry[]) => void) => {
    act(list);
    chosen.none();
  };
  const now = useRef<RowActions>(undefined);
  useLayoutEffect(() => {
    now.current = {
      select: chosen.choose,
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
  const told = problem ?? failed;
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
        <HistoryHead
          deleted={deleted}
          onDeleted={() => (setDeleted(!deleted), chosen.none())}
          onFile={(file) => void take(file)}
          onRestored={refresh}
        />
        <HistoryBar typed={typed} onType={setTyped} rated={rated} onRated={setRated}>
          {chosen.list.length > 0 && (
            <ChosenTools
              count={chosen.list.length}
              deleted={deleted}
              exports={<ExportMenu entries={chosen.list} onProblem={setProblem} />}
              onRemove={() => gone(chosen.list, remove)}
              onRestore={() => gone(chosen.list, restore)}
              onPurge={() => gone(chosen.list, purge)}
              onNone={chosen.none}
            />
          )}
          {entries.length > 0 && chosen.list.length < entries.length && (
            <button type="button" className={button} onClick={chosen.all}>
              {hasNextPage ? t('Select these {{count}}', { count: entries.length }) : t('Select all')}
            </button>
          )}
        </HistoryBar>
        {told && (
          <p
            role="alert"
            data-testid="problem"
            className="mb-3 rounded-md border border-danger p-3 text-sm text-danger"
          >
            <ProblemText of={told} />
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
        {!entries.length && !server.isPending && !failed && (
          <NothingFound search={search} deleted={deleted} rated={rated} />
        )}
        <EntryList
          entries={entries}
          chosen={chosen.ids}
          blind={blind}
          actions={actions}
          more={hasNextPage}
          reading={isFetchingNextPage}
          onMore={readMore}
        />
        {isFetchingNextPage && <p className="py-3 text-center text-sm text-quiet">{t('Reading more …')}</p>}
      </main>
      {undo && (
        <UndoBar entries={undo.entries} onUndo={() => restore(undo.entries)} onClose={() => setUndo(undefined)} />
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
