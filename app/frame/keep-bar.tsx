'use client';
import { usePathname, useSearchParams } from 'next/navigation';
import { Suspense, useState } from 'react';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { problemOf, useStudioClient } from '../client/client';
import { localComparison } from '../comparisons/local-comparisons';
import { localView } from '../comparisons/local-view';
import { type Exportable, ExportMenu } from '../exports/export-menu';
import { ReplayDialog } from '../replay/replay-dialog';
import { ShareDialog } from '../sharing/share-dialog';

/** For the comparison at this address, wherever it is kept: replay, share, export. */
export function KeepBar() {
  return (
    <Suspense>
      <Bar />
    </Suspense>
  );
}

function Bar() {
  const path = usePathname();
  const search = useSearchParams();
  const there = /^\/c\/([\w-]+)$/.exec(path)?.[1];
  const id = there ?? (path === '/local' ? search.get('id') : undefined);
  return id ? <Actions key={id} id={id} where={there ? 'server' : 'browser'} /> : null;
}

function Actions({ id, where }: { id: string; where: 'server' | 'browser' }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const [problem, setProblem] = useState<Problem>();
  const [lanes, setLanes] = useState<Exportable['lanes']>([]);
  const [savedId, setSavedId] = useState<string>();
  // Asked for when they are wanted: lanes are added and run as long as the page is open.
  const look = async () => {
    const mine = where === 'browser' ? await localComparison(id) : undefined;
    setSavedId(mine?.savedId);
    const half = where === 'server' ? id : mine?.serverId;
    const view = half === undefined ? undefined : await client.comparison.get.query({ id: half });
    setLanes(
      (mine ? localView(mine, view) : view)?.lanes.map((lane) => ({
        id: lane.id,
        decoder: lane.decoder,
        caption: lane.result?.caption ?? null,
      })) ?? [],
    );
  };
  const onOpen = () => void look().catch((error: unknown) => setProblem(problemOf(error)));
  return (
    <div role="group" aria-label={t('This comparison')} className="flex gap-1.5">
      <ReplayDialog id={id} where={where} />
      <ShareDialog id={id} where={where} savedId={savedId} onOpen={onOpen} />
      <ExportMenu entries={[{ id, where, lanes }]} onProblem={setProblem} onOpen={onOpen} compact />
      {problem && (
        <p
          role="alert"
          className="fixed top-16 right-4 z-30 max-w-sm rounded-md border border-danger bg-card p-3 text-sm text-danger shadow-lg"
        >
          <ProblemText of={problem} />{' '}
          <button type="button" className="underline" onClick={() => setProblem(undefined)}>
            {t('Close')}
          </button>
        </p>
      )}
    </div>
  );
}
