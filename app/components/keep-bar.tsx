'use client';
import { usePathname } from 'next/navigation';
import { useState } from 'react';
import { ExportMenu } from './export-menu';
import { ReplayDialog } from './replay-dialog';
import { ShareDialog } from './share-dialog';

/** For the comparison at this address, if it is one that the server keeps: replay, share, export. */
export function KeepBar() {
  const id = /^\/c\/([\w-]+)$/.exec(usePathname())?.[1];
  const [problem, setProblem] = useState<string>();
  if (!id) return null;
  return (
    <div role="group" aria-label="This comparison" className="flex gap-1.5">
      <ReplayDialog key={`replay-${id}`} id={id} name="this comparison" />
      <ShareDialog key={`share-${id}`} id={id} name="this comparison" />
      <ExportMenu entries={[{ id, where: 'server', lanes: [] }]} onProblem={setProblem} compact />
      {problem && (
        <p role="alert" className="fixed top-16 right-4 z-30 max-w-sm rounded-md border border-danger bg-card p-3 text-sm text-danger shadow-lg">
          {problem}{' '}
          <button type="button" className="underline" onClick={() => setProblem(undefined)}>
            Close
          </button>
        </p>
      )}
    </div>
  );
}
