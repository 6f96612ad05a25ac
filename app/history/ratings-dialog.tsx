'use client';
import { useQuery } from '@tanstack/react-query';
import { Star } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useMemo, useState } from 'react';
import { ratingTable } from '@/kept/ratings';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { problemOf, useStudioClient } from '../client/client';
import { localComparisons } from '../comparisons/local-comparisons';
import { LaneMark } from '../views/lane-mark';
import { decoderLook } from '../views/looks';
import { joinRated } from './entries';

const button =
  'flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';
const cell = 'border-b border-line py-1.5 pl-4 text-right font-mono text-xs whitespace-nowrap tabular-nums';
const head = 'border-b border-line py-1 pl-4 text-right text-xs font-medium text-quiet';
const firstHead = 'border-b border-line py-1 text-left text-xs font-medium text-quiet';
const name = 'border-b border-line py-1.5 text-left font-normal';

/** All ratings of the history summed up: mean stars by decoder, and which of two was preferred on the same input. */
export function RatingsDialog() {
  const { t } = useTranslation();
  const { fixed } = useNumbers();
  const client = useStudioClient();
  const [open, setOpen] = useState(false);
  const [blindOnly, setBlindOnly] = useState(false);
  const rated = useQuery({
    queryKey: ['history-ratings'],
    // What this browser keeps may be out of reach; the studio's own is told all the same.
    queryFn: async () => joinRated(await client.history.ratings.query(), await localComparisons().catch(() => [])),
    enabled: open,
    gcTime: 0,
  });
  const table = useMemo(() => rated.data && ratingTable(rated.data, { blindOnly }), [blindOnly, rated.data]);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className={button}>
        <Star size={15} aria-hidden /> <span className="sr-only sm:not-sr-only">{t('Ratings')}</span>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content className="fixed top-16 left-1/2 z-40 max-h-[80dvh] w-[min(38rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 text-sm shadow-lg">
          <Dialog.Title className="font-semibold">{t('Ratings')}</Dialog.Title>
          <Dialog.Description className="mt-1 mb-3 text-quiet">
            {table?.ratings
              ? t('{{count}} captions rated in {{comparisons}} of your history.', {
                  count: table.ratings,
                  comparisons: t('{{count}} comparisons', { count: table.comparisons }),
                })
              : t('Stars that you gave to captions, summed up by decoder.')}
          </Dialog.Description>
          <label className="mb-3 flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-(--accent)"
              checked={blindOnly}
              onChange={(event) => setBlindOnly(event.target.checked)}
            />{' '}
            {t('Only what was rated blind')}
          </label>
          {rated.error && (
            <p role="alert" className="rounded-md border border-danger p-2 text-danger">
              <ProblemText of={problemOf(rated.error)} />
            </p>
          )}
          {table && !table.ratings && (
            <p data-testid="no-ratings">
              {blindOnly
                ? t('Nothing is rated blind yet. Switch Blind on where captions are compared.')
                : t('Nothing is rated yet. Give stars to captions where they stand.')}
            </p>
          )}
          {table && table.branches > 0 && (
            <p className="mb-2 text-xs text-quiet" data-testid="rated-branches">
              {t('{{count}} rated branches are in no sum: a person chose how they begin.', { count: table.branches })}
            </p>
          )}
          {table && table.ratings > 0 && (
            <>
              <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={t('Mean stars by decoder')}>
                <table className="w-full border-collapse" data-testid="rating-means">
                  <thead>
                    <tr>
                      <th scope="col" className={firstHead}>
                        {t('decoder')}
                      </th>
                      <th scope="col" className={head} title={t('Mean of the stars, of 5')}>
                        {t('mean')}
                      </th>
                      <th scope="col" className={head} title={t('Standard deviation of the sample')}>
                        {t('sd')}
                      </th>
                      <th scope="col" className={head} title={t('Rated captions')}>
                        n
                      </th>
                      <th scope="col" className={head} title={t('How many of them were rated blind')}>
                        {t('blind')}
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {table.decoders.map(({ decoder, n, mean, sd, blind }) => (
                      <tr key={decoder}>
                        <th scope="row" className={name}>
                          <Decoder decoder={decoder} />
                        </th>
                        <td className={cell}>{fixed(mean, 2)}</td>
                        <td className={cell}>{sd === null ? '–' : fixed(sd, 2)}</td>
                        <td className={cell}>{n}</td>
                        <td className={cell}>{blind}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {table.pairs.length > 0 && (
                <>
                  <h3 className="mt-5 font-medium">{t('On the same input')}</h3>
                  <p className="mb-2 text-xs text-quiet">
                    {t(
                      'Pairs of rated captions of one input: how often the first has more stars. Rate: wins and half of the ties, of n; 50 % where neither is preferred.',
                    )}
                  </p>
                  <div
                    className="overflow-x-auto"
                    tabIndex={0}
                    role="region"
                    aria-label={t('Wins by pair of decoders')}
                  >
                    <table className="w-full border-collapse" data-testid="rating-pairs">
                      <thead>
                        <tr>
                          <th scope="col" className={firstHead}>
                            {t('first over second')}
                          </th>
                          {[t('rate'), 'n', t('wins'), t('ties'), t('losses')].map((title) => (
                            <th key={title} scope="col" className={head}>
                              {title}
                            </th>
                          ))}
                        </tr>
                      </thead>
                      <tbody>
                        {table.pairs.map(({ a, b, n, wins, ties, losses, rate }) => (
                          <tr key={`${a} ${b}`}>
                            <th scope="row" className={name}>
                              <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
                                <Decoder decoder={a} /> <span className="text-quiet">{t('over')}</span>{' '}
                                <Decoder decoder={b} />
                              </span>
                            </th>
                            <td className={cell}>{Math.round(100 * rate)} %</td>
                            {[n, wins, ties, losses].map((count, i) => (
                              <td key={i} className={cell}>
                                {count}
                              </td>
                            ))}
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                </>
              )}
            </>
          )}
          <Dialog.Close className={`${button} mt-4`}>{t('Close')}</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Decoder({ decoder }: { decoder: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <LaneMark decoder={decoder} />
      {decoderLook(decoder).title}
    </span>
  );
}
