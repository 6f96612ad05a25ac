'use client';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { CollectionCard } from '@/kept/answers';
import { problemOf, useStudioClient } from '../client/client';
import { Header } from '../frame/header';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { LaneName } from '../views/lane-mark';
import { BeginCollection } from './begin-collection';
import { CollectionActions } from './collection-actions';
import { collectionName, farText, isLive, paceText, statusWords } from './collection-words';
import { SentUploads } from './sent-uploads';

/** All runs of collections, newest first. */
export function CollectionsView() {
  const { t } = useTranslation();
  const client = useStudioClient();
  const { data, error, isPending } = useQuery({
    queryKey: ['collections', 'list'],
    queryFn: () => client.collection.list.query(),
    refetchInterval: ({ state }) => (state.data?.some(isLive) ? 1_000 : 5_000),
  });
  return (
    <div className="flex min-h-dvh flex-col">
      <Header device="" skip={{ to: '#collections', what: t('Skip to the collections') }} />
      <main id="collections" tabIndex={-1} className="mx-auto w-full max-w-5xl flex-1 p-4">
        <h1 className="mb-3 text-xl font-semibold tracking-tight">{t('Collections')}</h1>
        <BeginCollection />
        <SentUploads />
        {error && (
          <p role="alert" className="mb-3 rounded-md border border-danger p-3 text-sm text-danger">
            <ProblemText of={problemOf(error)} />
          </p>
        )}
        {isPending && <p className="text-sm text-quiet">{t('Reading the collections …')}</p>}
        {data?.length === 0 && <Empty />}
        <ul className="mt-3 space-y-3">
          {data?.map((card) => (
            <Card key={card.id} card={card} />
          ))}
        </ul>
      </main>
    </div>
  );
}

function Card({ card }: { card: CollectionCard }) {
  const { t } = useTranslation();
  const numbers = useNumbers();
  return (
    <li className="rounded-lg border border-line bg-card p-3" data-testid="collection" data-status={card.status}>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h2 className="min-w-0 font-medium">
          <Link href={`/collections/${card.id}`} className="break-words underline-offset-2 hover:underline">
            {collectionName(card, t)}
          </Link>
        </h2>
        <span className="text-sm text-quiet">
          {[`${t(statusWords[card.status])} · ${farText(card, t)}`, paceText(card, t, numbers)]
            .filter(Boolean)
            .join(' · ')}
        </span>
        <span className="ml-auto text-sm text-quiet">{numbers.moment(card.createdAt)}</span>
      </div>
      {card.status !== 'finished' && (
        <progress
          className="my-2 block h-1.5 w-full accent-accent"
          max={card.total}
          value={card.done}
          aria-label={t('Photos that are done')}
        />
      )}
      <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        {card.lanes.map((lane) => (
          <LaneName key={lane.id} lane={lane} />
        ))}
        {!card.lanes.length && <span className="text-quiet">{t('embeddings alone')}</span>}
        <span className="ml-auto text-quiet">
          {card.family}, {card.precision}
        </span>
        <CollectionActions card={card} />
      </div>
      {card.error && (
        <p className="mt-2 text-sm text-danger">
          <ProblemText of={card.error} />
        </p>
      )}
    </li>
  );
}

const command = 'npm run -s studio -- caption FOLDER --decoder all --out FILE.jsonl';

function Empty() {
  const { t } = useTranslation();
  return (
    <div className="mt-3 rounded-lg border border-dashed border-line p-6 text-center text-sm text-quiet">
      <p className="mb-2">
        {t('No collection was run yet. What the command line runs on this database stands here too:')}
      </p>
      <code className="inline-block rounded bg-page px-2 py-1 font-mono text-xs text-ink">{command}</code>
    </div>
  );
}
