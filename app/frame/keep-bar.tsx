'use client';
import { usePathname, useSearchParams } from 'next/navigation';
import { Suspense, useState } from 'react';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { problemOf, useStudioClient } from '../client/client';
import { type Address, addressAt, pathOf } from '../comparisons/address';
import { wholeComparison } from '../comparisons/whole-comparison';
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
  const address = addressAt(path, search);
  return address ? <Actions key={pathOf(address)} address={address} /> : null;
}

function Actions({ address }: { address: Address }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const [problem, setProblem] = useState<Problem>();
  const [lanes, setLanes] = useState<Exportable['lanes']>([]);
  const [saved, setSaved] = useState<string>();
  // Asked for when they are wanted: lanes are added and run as long as the page is open.
  const look = async () => {
    const { view, local } = await wholeComparison(client, address);
    setSaved(local?.savedId);
    setLanes(view.lanes.map(({ id, decoder, result }) => ({ id, decoder, caption: result?.caption ?? null })));
  };
  const onOpen = () => void look().catch((error: unknown) => setProblem(problemOf(error)));
  return (
    <div role="group" aria-label={t('This comparison')} className="flex gap-1.5">
      <ReplayDialog address={address} />
      <ShareDialog address={address} saved={saved} onOpen={onOpen} />
      <ExportMenu entries={[{ address, lanes }]} onProblem={setProblem} onOpen={onOpen} compact />
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
