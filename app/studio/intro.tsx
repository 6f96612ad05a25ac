import { TriangleAlert } from 'lucide-react';
import type { StudioInfo } from '@/kept/answers';
import { type SampleName, sampleNames } from '@/kept/samples';
import { useTranslation } from '../languages/use-translation';
import { sampleWords } from './sample-words';

type Props = {
  /** Where the studio shows them, once that is known. */
  samples: StudioInfo['samples'] | undefined;
  family: string | undefined;
  onSample: (name: SampleName) => void;
  busy: boolean;
};

/** What the page is, in a sentence, and what to give it: gone as soon as something runs. */
export function Intro({ samples, family, onSample, busy }: Props) {
  const { t } = useTranslation();
  return (
    <section aria-label={t('How it works')} className="rounded-lg border border-dashed border-line px-4 py-6 sm:px-6">
      <p className="mx-auto max-w-2xl text-center text-lg leading-snug font-medium text-balance">
        {t(
          'Give it a photo: its embedding, a few hundred numbers, is turned back into words by decoders side by side, and you see why each said what it said.',
        )}
      </p>
      <p className="mt-2 text-center text-sm text-quiet">
        {t('Drop photos, a folder or an embedding anywhere on this page, or paste one. Or try one of these drawings:')}
      </p>
      <ul className="mx-auto mt-4 grid max-w-2xl grid-cols-3 gap-2 sm:gap-4" aria-label={t('Sample pictures')}>
        {sampleNames.map((name) => {
          const { title, wrong } = sampleWords[name];
          const url = samples?.find((sample) => sample.name === name)?.thumbnailUrl;
          return (
            <li key={name} className="min-w-0">
              <button
                type="button"
                disabled={busy}
                onClick={() => onSample(name)}
                className="group flex w-full flex-col overflow-hidden rounded-md border border-line bg-card text-left text-sm hover:border-accent disabled:opacity-60"
              >
                <span className="block aspect-[4/3] w-full bg-page">
                  {/* eslint-disable-next-line @next/next/no-img-element -- small already */}
                  {url && <img src={url} alt="" className="size-full object-cover" />}
                </span>
                <span className="px-2 py-1.5 leading-tight">
                  <span className="font-medium group-hover:underline">{t(title)}</span>
                  {wrong && wrong.family === family && (
                    <span className="mt-0.5 flex gap-1 text-xs text-quiet">
                      <TriangleAlert size={13} aria-hidden className="mt-px shrink-0" />{' '}
                      <span>{t(wrong.note, { family })}</span>
                    </span>
                  )}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
