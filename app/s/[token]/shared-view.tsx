'use client';
import { useQuery } from '@tanstack/react-query';
import { Download, Link2Off, RotateCw, Unplug } from 'lucide-react';
import { ProblemText } from '../../languages/problem';
import { useTranslation } from '../../languages/use-translation';
import { Header } from '../../frame/header';
import { mainAction, NothingHere, WaysOn } from '../../controls/nothing-here';
import { absenceOf } from '../../comparisons/absence';
import { problemOf, useStudioClient } from '../../client/client';
import { SharedComparison } from '../../share-file/shared-comparison';
import '../../share-file/shared.css';

/** Read-only: everything is drawn from the stored events. While the comparison still runs it is asked for again. */
export function SharedView({ token }: { token: string }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const view = useQuery({
    queryKey: ['shared', token],
    queryFn: () => client.share.view.query({ token }),
    retry: false,
    refetchInterval: ({ state }) =>
      state.data?.status === 'queued' || state.data?.status === 'running' ? 2_000 : false,
  });
  const { data } = view;
  const ended = data && data.status !== 'queued' && data.status !== 'running';
  const gone = view.error && absenceOf(view.error);
  const again = (
    <button type="button" className={mainAction} onClick={() => void view.refetch()}>
      <RotateCw size={15} aria-hidden /> {t('Try again')}
    </button>
  );
  return (
    <div className="min-h-dvh">
      <Header device="" />
      <div id="lanes" tabIndex={-1}>
        {view.isPending && <p className="p-4 text-sm text-quiet">{t('Reading the comparison …')}</p>}
        {gone && (
          <NothingHere icon={Link2Off} title={t('This link shows nothing')} actions={<WaysOn />}>
            <p>{t('It was revoked, its comparison was deleted, or the address is not whole.')}</p>
            <p>
              {t(
                'Ask whoever sent it for a new link. If the comparison is yours, you find it in your history, and Share makes another.',
              )}
            </p>
          </NothingHere>
        )}
        {view.error && !gone && !data && (
          <NothingHere icon={Unplug} title={t('The comparison could not be read')} actions={again}>
            <p>
              <ProblemText of={problemOf(view.error)} />
            </p>
          </NothingHere>
        )}
        {data && !gone && (
          <SharedComparison shared={{ ...data, createdAt: data.createdAt.toISOString() }} picture={data.image?.url}>
            {ended && (
              <p>
                <a
                  href={`/api/export?share=${token}&format=html`}
                  download
                  className="inline-flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm"
                >
                  <Download size={15} aria-hidden /> {t('Keep it as one HTML file')}
                </a>
              </p>
            )}
          </SharedComparison>
        )}
      </div>
    </div>
  );
}
