'use client';
import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import Link from 'next/link';
import { Dialog } from 'radix-ui';
import type { KeyboardEvent } from 'react';
import type { CollectionCard } from '@/kept/answers';
import type { TableRow } from '@/kept/collections/table';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { LaneName } from '../views/lane-mark';
import { measureNames } from './collection-words';
import { RatingStars } from '../views/rating';
import { laneTitle } from '../views/looks';
import { problemOf } from '../client/client';
import { OwnCaption, useMark } from './own-caption';
import { Photo } from './photo';

const button = 'rounded-md border border-line bg-card p-1.5 disabled:opacity-40';

/** One photo of a collection with all that was said of it, and the ones before and after it in the table's order. */
export function OnePhoto({
  card,
  row,
  place: [at, of],
  onGo,
  onClose,
  onReturn,
}: {
  card: CollectionCard;
  row: TableRow;
  place: readonly [at: number, of: number];
  onGo: (at: number) => void;
  onClose: () => void;
  /** It has closed, and the focus may go back. */
  onReturn: () => void;
}) {
  const { t } = useTranslation();
  const { decimals } = useNumbers();
  const mark = useMark(card.id);
  const onKey = (event: KeyboardEvent) => {
    // Stars and a text have these keys themselves.
    if (event.defaultPrevented || (event.target instanceof Element && event.target.closest('input, textarea'))) return;
    if (event.key === 'ArrowRight' || event.key === 'ArrowDown') onGo(at + 1);
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') onGo(at - 1);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-20 bg-ink/40" />
        <Dialog.Content
          aria-describedby={undefined}
          onKeyDown={onKey}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            onReturn();
          }}
          className="fixed top-1/2 left-1/2 z-30 flex max-h-[calc(100dvh-2rem)] w-[min(44rem,calc(100vw-1.5rem))] -translate-x-1/2 -translate-y-1/2 flex-col gap-3 overflow-y-auto rounded-lg border border-line bg-card p-4 shadow-lg"
        >
          <div className="flex items-center gap-2">
            <Dialog.Title className="min-w-0 flex-1 truncate font-medium" title={row.key} dir="auto">
              {row.key}
            </Dialog.Title>
            <span className="font-mono text-xs whitespace-nowrap text-quiet tabular-nums">
              {t('{{at}} of {{of}}', { at: at + 1, of })}
            </span>
            <button
              type="button"
              className={button}
              disabled={at === 0}
              onClick={() => onGo(at - 1)}
              aria-label={t('The photo before')}
            >
              <ChevronLeft size={16} aria-hidden />
            </button>
            <button
              type="button"
              className={button}
              disabled={at >= of - 1}
              onClick={() => onGo(at + 1)}
              aria-label={t('The next photo')}
            >
              <ChevronRight size={16} aria-hidden />
            </button>
            <Dialog.Close className={button} aria-label={t('Close')}>
              <X size={16} aria-hidden />
            </Dialog.Close>
          </div>
          <div className="h-[min(20rem,40dvh)] w-full shrink-0 overflow-hidden rounded-md bg-page">
            <Photo key={row.key} run={card.id} row={row} large alt={t('The photo that is described')} />
          </div>
          {row.error ? (
            <p className="text-sm text-danger">
              {t('Could not be read:')} <ProblemText of={row.error} />
            </p>
          ) : (
            <dl className="divide-y divide-line">
              {row.cells.map(({ lane, caption, similarity, optimised, certainty, error, ciderD, rougeL, stars }) => (
                <div key={lane} className="grid gap-x-3 gap-y-0.5 py-2 sm:grid-cols-[9rem_1fr_auto]">
                  <dt className="text-sm">
                    <LaneName lane={card.lanes.find(({ id }) => id === lane) ?? { id: lane, decoder: lane }} />
                  </dt>
                  <dd className={`text-sm ${error ? 'text-danger' : ''}`} lang={error ? undefined : 'en'} dir="auto">
                    {error ? <ProblemText of={error} /> : caption}
                  </dd>
                  <dd className="font-mono text-xs whitespace-nowrap text-quiet tabular-nums">
                    {decimals(similarity, 3)}
                    {optimised ? ` ${t('optimised')}` : ''} {certainty ? `· ${t(certainty)}` : ''}
                    {ciderD !== undefined && (
                      <span className="block">
                        {`${measureNames.ciderD} ${decimals(ciderD, 2)} · ${measureNames.rougeL} ${decimals(rougeL, 2)}`}
                      </span>
                    )}
                    <RatingStars
                      of={laneTitle(card.lanes.find(({ id }) => id === lane) ?? { id: lane, decoder: lane })}
                      value={stars === undefined ? undefined : { stars, blind: false }}
                      ready={caption !== undefined}
                      onRate={(given) => mark.mutate({ key: row.key, lane, stars: given ?? null })}
                    />
                  </dd>
                </div>
              ))}
            </dl>
          )}
          {mark.error && (
            <p role="alert" className="text-sm text-danger">
              <ProblemText of={problemOf(mark.error)} />
            </p>
          )}
          <OwnCaption key={`${row.key} ${row.own?.at.getTime()}`} run={card.id} row={row} />
          {row.references && (
            <div className="text-sm">
              <p className="text-xs text-quiet">{t('What people wrote')}</p>
              <ul className="list-disc pl-5">
                {row.references.map((reference, n) => (
                  <li key={n} dir="auto" className="break-words">
                    {reference}
                  </li>
                ))}
              </ul>
            </div>
          )}
          {row.shown && (
            <Link
              href={`/?collection=${card.id}&key=${encodeURIComponent(row.key)}`}
              className="w-fit text-sm underline"
              title={t('Runs the lanes of Compare on it and shows how each caption came to be')}
            >
              {t('Compare this photo')}
            </Link>
          )}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
