'use client';
import { useState } from 'react';
import { useTranslation } from '../languages/use-translation';
import { type Shared, SharedComparison } from './shared-comparison';

export type SharedOne = { shared: Shared; picture?: string };

/** One comparison, or several of which one is looked at. */
export function SharedAlbum({ comparisons }: { comparisons: readonly SharedOne[] }) {
  const { t } = useTranslation();
  const [at, setAt] = useState(0);
  const one = comparisons[at];
  if (!one) return null;
  return (
    <>
      {comparisons.length > 1 && (
        <nav className="shared-album" aria-label={t('{{count}} comparisons', { count: comparisons.length })}>
          <ol>
            {comparisons.map(({ shared, picture }, i) => (
              <li key={i}>
                <button type="button" aria-current={i === at ? 'true' : undefined} onClick={() => setAt(i)}>
                  <span className="shared-thumbnail" aria-hidden>
                    {/* eslint-disable-next-line @next/next/no-img-element -- a file of its own has no optimiser */}
                    {picture && <img src={picture} alt="" loading="lazy" decoding="async" />}
                  </span>
                  <span className="shared-name">
                    {i + 1}. {shared.title || (shared.input === 'embedding' ? t('Embedding') : t('Photo'))}
                  </span>
                </button>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <SharedComparison key={at} shared={one.shared} picture={one.picture} />
    </>
  );
}
