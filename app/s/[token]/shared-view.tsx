'use client';
import { useQuery } from '@tanstack/react-query';
import { Download, Link2Off } from 'lucide-react';
import { Header } from '../../components/header';
import { errorText, useStudioClient } from '../../lib/client';
import { SharedComparison } from '../../share-file/shared-comparison';
import '../../share-file/shared.css';

/** Read-only: everything is drawn from the stored events. While the comparison still runs it is asked for again. */
export function SharedView({ token }: { token: string }) {
  const client = useStudioClient();
  const view = useQuery({
    queryKey: ['shared', token],
    queryFn: () => client.share.view.query({ token }),
    retry: false,
    refetchInterval: ({ state }) => (state.data?.status === 'queued' || state.data?.status === 'running' ? 2_000 : false),
  });
  const { data } = view;
  const ended = data && data.status !== 'queued' && data.status !== 'running';
  return (
    <div className="min-h-dvh">
      <Header device="" />
      <div id="lanes" tabIndex={-1}>
        {view.isPending && <p className="p-4 text-sm text-quiet">Reading the comparison …</p>}
        {view.error && (
          <main className="mx-auto mt-16 max-w-md p-4 text-center">
            <Link2Off size={28} aria-hidden className="mx-auto mb-3 text-quiet" />
            <h1 className="mb-2 text-lg font-semibold">Nothing to see here</h1>
            <p role="alert" data-testid="problem" className="text-sm text-quiet">
              {errorText(view.error)}
            </p>
          </main>
        )}
        {data && (
          <SharedComparison shared={{ ...data, createdAt: data.createdAt.toISOString() }} picture={data.image?.url}>
            {ended && (
              <p>
                <a href={`/api/export?share=${token}&format=html`} download className="inline-flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm">
                  <Download size={15} aria-hidden /> Keep it as one HTML file
                </a>
              </p>
            )}
          </SharedComparison>
        )}
      </div>
    </div>
  );
}
