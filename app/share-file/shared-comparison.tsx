'use client';
import type { ReactNode } from 'react';
import type { Frequencies } from '@/kept/frequencies';
import { ratingsOf } from '@/kept/ratings';
import type { ErrorData } from '@/models/errors';
import type { StudioEvent } from '@/models/events';
import type { SharedCaption } from '@/kept/share-file';
import type { Device } from '@/models/runtime/types';
import type { LaneView, StreamItem } from '@/kept/comparison';
import { useNumbers } from '../languages/numbers';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
import { ComparisonFilm } from './comparison-film';

/** What is shown of a comparison to others: plain data, as an answer of the server or out of a file. */
export type Shared = {
  title: string;
  createdAt: string;
  status: string;
  family: string;
  familyHash: string | null;
  device: Device | null;
  precision: string | null;
  appVersion: string | null;
  computedBy: 'server' | 'client';
  error: ErrorData | null;
  input: 'image' | 'sample' | 'embedding';
  references?: readonly string[];
  /** What a person says of the photo. */
  said?: readonly SharedCaption[];
  /** For CIDEr-D. */
  frequencies?: Frequencies;
  lanes: Pick<LaneView, 'id' | 'rating'>[];
  items: StreamItem[];
};

/**
 * The events of a comparison that has ended. Lanes without an end of their own get one, so that none seems to run for
 * ever.
 */
export function eventsOf({ items, lanes, status }: Pick<Shared, 'items' | 'lanes' | 'status'>): StudioEvent[] {
  const events = items.flatMap((item) => (item.kind === 'event' ? [item.event] : []));
  const last = items.at(-1);
  if (last?.kind !== 'ended') return events;
  const ended = new Set(
    events.flatMap((event) => (event.type === 'lane-finished' || event.type === 'lane-failed' ? [event.lane] : [])),
  );
  const error: ErrorData = last.error ?? {
    code: status === 'interrupted' ? 'interrupted' : 'cancelled',
    message: status === 'interrupted' ? msg('Interrupted before it was done.') : msg('Stopped before it was done.'),
  };
  return [
    ...events,
    ...lanes
      .filter(({ id }) => !ended.has(id))
      .map(({ id }): StudioEvent => ({ type: 'lane-failed', lane: id, error })),
  ];
}

const endedAs: Readonly<Record<string, string>> = {
  cancelled: msg('This comparison was stopped: what had been said by then is shown.'),
  interrupted: msg('This comparison was interrupted: what had been said by then is shown.'),
  failed: msg('This comparison failed: what had been said by then is shown.'),
  queued: msg('This comparison waits for its turn.'),
  running: msg('This comparison is running: what has been said by now is shown.'),
};

/** A comparison to look at: what it was made with, and every view of it. Needs no server and no model. */
export function SharedComparison({
  shared,
  picture,
  children,
}: {
  shared: Shared;
  picture?: string;
  children?: ReactNode;
}) {
  const { t } = useTranslation();
  const { longMoment } = useNumbers();
  const { title, createdAt, family, familyHash, device, precision, appVersion, computedBy, status } = shared;
  const facts = [
    longMoment(new Date(createdAt)),
    familyHash ? t('{{family}} (weights {{hash}})', { family, hash: familyHash.slice(0, 12) }) : family,
    device && `${device.name}${device.adapter ? `, ${device.adapter}` : ''}`,
    precision,
    appVersion && `Caption Studio ${appVersion}`,
  ].filter(Boolean);
  return (
    <main className="shared">
      <header className="shared-head">
        <h1>{title || t('One photo, side by side')}</h1>
        <p className="v-note">
          {t(
            'What does this embedding say? Decoders turn one image embedding back into words. Press play to see how they came to them; choose a token to see what else stood there.',
          )}
        </p>
        <p className="v-numbers shared-facts">{facts.join(' · ')}</p>
        {computedBy === 'client' && (
          <p className="v-note">{t('A visitor’s browser computed this; its word is all there is for the results.')}</p>
        )}
        {status !== 'finished' && <p className="v-note">{t(endedAs[status] ?? endedAs.failed!)}</p>}
      </header>
      <ComparisonFilm
        events={eventsOf(shared)}
        picture={picture}
        references={shared.references}
        said={shared.said}
        frequencies={shared.frequencies}
        ratings={ratingsOf(shared.lanes)}
      />
      {children}
    </main>
  );
}
