import { Play } from 'lucide-react';
import { useTranslation } from '../languages/use-translation';

/** What the page is, in a sentence, and what to give it: gone as soon as something runs. */
export function Intro({ onSample, busy }: { onSample: () => void; busy: boolean }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('How it works')} className="rounded-lg border border-dashed border-line px-6 py-10">
      <p className="mx-auto max-w-2xl text-center text-lg leading-snug font-medium text-balance">
        {t(
          'Give it a photo: its embedding, a few hundred numbers, is turned back into words by decoders side by side, and you see why each said what it said.',
        )}
      </p>
      <p className="mt-3 text-center text-sm text-quiet">
        {t('Drop photos, a folder or an embedding anywhere on this page, or paste one.')}
      </p>
      <button
        type="button"
        disabled={busy}
        onClick={onSample}
        className="mx-auto mt-4 flex items-center gap-1.5 rounded-md border border-accent bg-card px-3 py-1.5 text-sm font-medium disabled:opacity-60"
      >
        <Play size={16} aria-hidden /> {t('Caption the sample')}
      </button>
    </section>
  );
}
