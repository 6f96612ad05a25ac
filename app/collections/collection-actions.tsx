'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pause, Square } from 'lucide-react';
import type { CollectionCard } from '@/kept/answers';
import { problemOf, useStudioClient } from '../client/client';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { isLive } from './collection-words';

const button =
  'flex items-center gap-1.5 rounded-md border border-line bg-card px-2.5 py-1 text-sm disabled:opacity-60';

/** Pausing a run, and ending it for good. */
export function CollectionActions({ card }: { card: CollectionCard }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: (status: 'paused' | 'cancelled') => client.collection.set.mutate({ id: card.id, status }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['collections'] }),
  });
  if (!isLive(card)) return null;
  return (
    <span className="flex flex-wrap items-center gap-2">
      <button type="button" className={button} disabled={set.isPending} onClick={() => set.mutate('paused')}>
        <Pause size={14} aria-hidden /> {t('Pause')}
      </button>
      <button type="button" className={button} disabled={set.isPending} onClick={() => set.mutate('cancelled')}>
        <Square size={14} aria-hidden /> {t('Stop')}
      </button>
      {set.error && (
        <span role="alert" className="text-sm text-danger">
          <ProblemText of={problemOf(set.error)} />
        </span>
      )}
    </span>
  );
}
