import { Check, CircleDashed, Loader, Pause, TriangleAlert, X } from 'lucide-react';
import type { InstallProgress, ModelJob } from '@/server/families/types';
import { useNumbers } from '../languages/numbers';
import { msg } from '../languages/msg';
import type { Numbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import type { Translate } from '../languages/translator';
import { useTranslation } from '../languages/use-translation';
import type { ModelsState } from './use-models';

const verbs = { pull: msg('Pulling {{name}}'), import: msg('Importing {{name}}'), verify: msg('Checking {{name}}') };

/** How a job stands: a bar with speed and time left while it works, and what became of it. */
export function JobProgress({ job, models }: { job: ModelJob; models: ModelsState }) {
  const { t } = useTranslation();
  const numbers = useNumbers();
  const { state, progress, error, kind } = job;
  const open = state === 'waiting' || state === 'running';
  const share = progress && shareOf(progress);
  return (
    <div className="mt-2 text-sm" data-testid={`job-${job.family}`} data-state={state}>
      {open && (
        <>
          <div className="flex items-center gap-2">
            {state === 'waiting' ? (
              <CircleDashed size={14} aria-hidden />
            ) : progress?.phase === 'waiting' ? (
              <Pause size={14} aria-hidden />
            ) : (
              <Loader size={14} aria-hidden />
            )}
            <p className="min-w-0 [overflow-wrap:anywhere]">
              {state === 'waiting'
                ? t('Waits for the job before it.')
                : progress
                  ? progressText(t, numbers, progress, job.family)
                  : `${t(verbs[kind], { name: job.family })} …`}
            </p>
            <button
              type="button"
              disabled={Boolean(models.view?.locked)}
              className="ml-auto flex shrink-0 items-center gap-1 rounded border border-line px-2 py-0.5 disabled:opacity-60"
              onClick={() => void models.attempt(() => models.client.models.cancel.mutate({ id: job.id }))}
            >
              <X size={13} aria-hidden /> {t('Cancel')}
              <span className="sr-only"> {job.family}</span>
            </button>
          </div>
          <progress
            className="mt-2 h-2 w-full accent-(--accent)"
            aria-label={t(verbs[kind], { name: job.family })}
            max={1}
            {...(share === undefined ? {} : { value: share })}
          />
        </>
      )}
      {state === 'failed' && error && (
        <p role="alert" className="flex gap-2 rounded-md border border-danger p-2 text-danger">
          <TriangleAlert size={14} aria-hidden className="mt-0.5 shrink-0" />
          <span className="min-w-0 [overflow-wrap:anywhere]">
            <ProblemText of={error} />
          </span>
        </p>
      )}
      {state === 'cancelled' && (
        <p className="text-quiet">{kind === 'pull' ? t('Cancelled. What arrived is kept.') : t('Cancelled.')}</p>
      )}
      {state === 'done' && job.verification && <Verified job={job} />}
    </div>
  );
}

function Verified({ job }: { job: ModelJob }) {
  const { t } = useTranslation();
  const bad = job.verification!.files.filter(({ problem }) => problem);
  if (!bad.length)
    return (
      <p className="flex items-center gap-2" role="status">
        <Check size={14} aria-hidden />{' '}
        {t('All {{count}} files are whole and right.', { count: job.verification!.files.length })}
      </p>
    );
  return (
    <div role="alert" className="rounded-md border border-danger p-2 text-danger">
      <ul>
        {bad.map(({ path, problem }) => (
          <li key={path} className="[overflow-wrap:anywhere]">
            {path} <span lang="en">{problem}</span>
          </li>
        ))}
      </ul>
      <p className="mt-1">{t('Remove the family and pull or import it again.')}</p>
    </div>
  );
}

function shareOf(progress: InstallProgress): number | undefined {
  if (progress.phase === 'downloading') return progress.received / Math.max(1, progress.bytes);
  if (progress.phase === 'importing' || progress.phase === 'checking')
    return progress.total ? (progress.done ?? 0) / progress.total : undefined;
  return undefined;
}

function progressText(t: Translate, { amount, duration }: Numbers, progress: InstallProgress, family: string): string {
  // A pull may first bring the space that the model needs.
  const which = progress.family === family ? '' : `${t('{{family}} first:', { family: progress.family })} `;
  switch (progress.phase) {
    case 'asking':
      return which + t('asking the hub');
    case 'downloading':
      return (
        which +
        [
          t('{{part}} of {{whole}}', { part: amount(progress.received), whole: amount(progress.bytes) }),
          ...(progress.speed ? [`${amount(progress.speed)}/s`] : []),
          ...(progress.secondsLeft === undefined ? [] : [t('{{time}} left', { time: duration(progress.secondsLeft) })]),
        ].join(', ')
      );
    case 'waiting':
      return (
        which +
        t('{{reason}}; trying again in {{time}}', {
          reason: t(progress.reason.sentence, progress.reason.values),
          time: duration(progress.ms / 1000),
        })
      );
    case 'checking':
      return which + t('checking {{file}}', { file: progress.file });
    case 'importing':
      return which + t('importing ({{what}})', { what: t(progress.what.sentence, progress.what.values) });
    case 'settling':
      return which + t('writing to the disk');
  }
}
