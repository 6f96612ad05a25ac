import type { ModelJob, Unfinished } from '@/server/families/types';
import { JobProgress } from '../families/job-progress';
import type { ModelsState } from '../families/use-models';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';

type Props = {
  others: readonly ModelJob[];
  orphans: readonly Unfinished[];
  models: ModelsState;
};

/** Work on families that have no line of their own: imports, and pulls of somebody's repository. */
export function UnderWay({ others, orphans, models }: Props) {
  const { t } = useTranslation();
  const { amount } = useNumbers();
  const locked = models.view?.locked;
  if (!others.length && !orphans.length) return null;
  return (
    <section aria-labelledby="under-way" className="space-y-3">
      <h2 id="under-way" className="font-semibold">
        {t('Under way')}
      </h2>
      <ul className="grid gap-3 md:grid-cols-2">
        {others.map((job) => (
          <li key={job.id} className="rounded-lg border border-line bg-card p-4">
            <h3 className="font-medium">{job.family}</h3>
            <JobProgress job={job} models={models} />
          </li>
        ))}
        {orphans.map(({ name, published, base, received, bytes }) => (
          <li key={name} className="rounded-lg border border-line bg-card p-4 text-sm">
            <h3 className="font-medium">{name}</h3>
            <p className="text-quiet">
              {t('{{part}} of {{whole}} pulled from {{source}}.', {
                part: amount(received),
                whole: amount(bytes),
                source: published,
              })}
            </p>
            <div className="mt-2 flex gap-2">
              <button
                type="button"
                disabled={Boolean(locked)}
                className="rounded-md border border-accent px-3 py-1 disabled:opacity-60"
                onClick={() =>
                  void models.attempt(() =>
                    models.client.models.pull.mutate({
                      name: published,
                      as: name,
                      ...(base ? { base } : {}),
                    }),
                  )
                }
              >
                {t('Resume')}
              </button>
              <button
                type="button"
                disabled={Boolean(locked)}
                className="rounded-md border border-line px-3 py-1 disabled:opacity-60"
                onClick={() => void models.attempt(() => models.client.models.discard.mutate({ name }))}
              >
                {t('Discard')}
              </button>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
