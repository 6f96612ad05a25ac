'use client';
import { useStore } from 'zustand';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import type { PhotoSender } from './photo-sender';

/** How many photos have arrived at the studio, and the way out; or why they could not be sent. */
export function SendingBar({ sender, className = '' }: { sender: PhotoSender; className?: string }) {
  const { t } = useTranslation();
  const { whole } = useNumbers();
  const { sending, problem } = useStore(sender.store);
  if (problem)
    return (
      <p
        role="alert"
        className={`rounded-md border border-danger p-3 text-sm text-danger ${className}`}
        data-testid="problem"
      >
        <ProblemText of={problem} />
      </p>
    );
  if (!sending) return null;
  const { sent, total } = sending;
  return (
    <section
      aria-label={t('Photos on their way')}
      className={`rounded-lg border border-line bg-card p-3 ${className}`}
      data-testid="sending"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <p role="status">
          {t('Sending photos to this studio: {{sent}} of {{total}}', { sent: whole(sent), total: whole(total) })}
        </p>
        <button type="button" className="ml-auto rounded-md border border-line px-2.5 py-1" onClick={sender.cancel}>
          {t('Cancel')}
        </button>
      </div>
      <progress
        className="mt-2 block h-1.5 w-full accent-accent"
        max={total}
        value={sent}
        aria-label={t('Photos that have arrived')}
      />
    </section>
  );
}
