'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pause, Play, RotateCw, Square, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { CollectionCard } from '@/kept/answers';
import { problemOf, useStudioClient } from '../client/client';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { isLive } from './collection-words';

const button =
  'flex items-center gap-1.5 rounded-md border border-line bg-card px-2.5 py-1 text-sm disabled:opacity-60';

type Done = 'paused' | 'cancelled' | 'resumed' | 'removed';

/**
 * Pausing a run, ending it for good, going on with it, deleting it. `open`: its table is shown, which follows where a
 * run goes on as another one.
 */
export function CollectionActions({ card, open = false }: { card: CollectionCard; open?: boolean }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const queries = useQueryClient();
  const router = useRouter();
  const [sure, setSure] = useState(false);
  const { id } = card;
  const act = useMutation({
    mutationFn: async (what: Done): Promise<string | undefined> => {
      if (what === 'removed') await client.collection.remove.mutate({ id });
      else if (what === 'resumed') return (await client.collection.resume.mutate({ id })).id;
      else await client.collection.set.mutate({ id, status: what });
    },
    onSuccess: (next, what) => {
      if (what === 'removed' && open) router.push('/collections');
      else if (next !== undefined && next !== id) router.push(`/collections/${next}`);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['collections'] }),
  });
  const goOn = card.goesOn && !isLive(card) && card.status !== 'finished';
  const retry = card.goesOn && card.status === 'finished' && card.failed > 0 && !card.sent;
  const does = (what: Done) => ({
    type: 'button' as const,
    className: button,
    disabled: act.isPending,
    onClick: () => act.mutate(what),
  });
  const pausing = does('paused');
  const stopping = does('cancelled');
  const going = does('resumed');
  const removing = does('removed');
  return (
    <span className="flex flex-wrap items-center gap-2">
      {isLive(card) && (
        <>
          <button {...pausing}>
            <Pause size={14} aria-hidden /> {t('Pause')}
          </button>
          <button {...stopping}>
            <Square size={14} aria-hidden /> {t('Stop')}
          </button>
        </>
      )}
      {goOn && (
        <button {...going}>
          <Play size={14} aria-hidden /> {t('Go on')}
        </button>
      )}
      {retry && (
        <button {...going} title={t('Photos and lanes that failed are tried again')}>
          <RotateCw size={14} aria-hidden /> {t('Try the failed ones again')}
        </button>
      )}
      {!isLive(card) &&
        (sure ? (
          <>
            <button {...removing} className={`${button} border-danger text-danger`} autoFocus>
              {card.sent ? t('Delete captions and photos for good') : t('Delete the captions for good')}
            </button>
            <button type="button" className={button} onClick={() => setSure(false)}>
              {t('Keep')}
            </button>
          </>
        ) : (
          <button
            type="button"
            className={button}
            aria-label={t('Delete')}
            title={t('Delete')}
            onClick={() => setSure(true)}
          >
            <Trash2 size={14} aria-hidden />
          </button>
        ))}
      {act.error && (
        <span role="alert" className="text-sm text-danger">
          <ProblemText of={problemOf(act.error)} />
        </span>
      )}
    </span>
  );
}
