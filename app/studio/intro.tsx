import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
const steps = [
  [
    msg('Give a picture'),
    msg(
      'Drop, paste or choose photos, take one by the camera, or the drawn sample (S). It becomes one embedding: a few hundred numbers.',
    ),
  ],
  [
    msg('Five ideas read it'),
    msg(
      'Each lane turns the same numbers back into words in its own way. Duplicate a lane to try another setting beside it.',
    ),
  ],
  [
    msg('Look inside'),
    msg(
      'Point at a word: how sure was it, what else could it have said? Choose another and the caption goes on from there. Below: beams, traces, insight, timing.',
    ),
  ],
] as const;

/** What the page is, told once: gone as soon as something runs. */
export function Intro({ onSample, busy }: { onSample: () => void; busy: boolean }) {
  const { t } = useTranslation();
  return (
    <section
      aria-label={t('How it works')}
      className="mb-4 grid items-start gap-x-6 gap-y-3 rounded-lg border border-line bg-card p-4 sm:grid-cols-3"
    >
      {steps.map(([title, text], i) => (
        <div key={title}>
          <h2 className="text-sm font-semibold">
            {i + 1}. {t(title)}
          </h2>
          <p className="text-sm text-quiet">{t(text)}</p>
          {i === 0 && (
            <button
              type="button"
              disabled={busy}
              onClick={onSample}
              className="mt-2 rounded-md border border-accent px-3 py-1 text-sm font-medium disabled:opacity-60"
            >
              {t('Caption the sample')}
            </button>
          )}
        </div>
      ))}
    </section>
  );
}
