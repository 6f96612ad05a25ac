import { Check, CircleDashed, Loader, Pause, TriangleAlert, X } from 'lucide-react';
import type { InstallProgress, ModelJob } from '@/server/families/types';
import { amount, duration } from '@/models/units';
import type { ModelsState } from '../../lib/use-models';

const verbs = { pull: 'Pulling', import: 'Importing', verify: 'Checking' };

/** How a job stands: a bar with speed and time left while it works, and what became of it. */
export function JobProgress({ job, models }: { job: ModelJob; models: ModelsState }) {
  const { state, progress, error, kind } = job;
  const open = state === 'waiting' || state === 'running';
  const share = progress && shareOf(progress);
  return (
    <div className="mt-2 text-sm" data-testid={`job-${job.family}`} data-state={state}>
      {open && (
        <>
          <div className="flex items-center gap-2">
            {state === 'waiting' ? <CircleDashed size={14} aria-hidden /> : progress?.phase === 'waiting' ? <Pause size={14} aria-hidden /> : <Loader size={14} aria-hidden />}
            <p className="min-w-0 [overflow-wrap:anywhere]">{state === 'waiting' ? 'Waits for the job before it.' : progress ? progressText(progress, job.family) : `${verbs[kind]} …`}</p>
            <button type="button" disabled={Boolean(models.view?.locked)} className="ml-auto flex shrink-0 items-center gap-1 rounded border border-line px-2 py-0.5 disabled:opacity-60" onClick={() => void models.attempt(() => models.client.models.cancel.mutate({ id: job.id }))}>
              <X size={13} aria-hidden /> Cancel<span className="sr-only"> {job.family}</span>
            </button>
          </div>
          <progress className="mt-2 h-2 w-full accent-(--accent)" aria-label={`${verbs[kind]} ${job.family}`} max={1} {...(share === undefined ? {} : { value: share })} />
        </>
      )}
      {state === 'failed' && error && (
        <p role="alert" className="flex gap-2 rounded-md border border-danger p-2 text-danger">
          <TriangleAlert size={14} aria-hidden className="mt-0.5 shrink-0" />
          <span className="min-w-0 [overflow-wrap:anywhere]">{error.message}</span>
        </p>
      )}
      {state === 'cancelled' && <p className="text-quiet">{kind === 'pull' ? 'Cancelled. What arrived is kept.' : 'Cancelled.'}</p>}
      {state === 'done' && job.verification && <Verified job={job} />}
    </div>
  );
}

function Verified({ job }: { job: ModelJob }) {
  const bad = job.verification!.files.filter(({ problem }) => problem);
  if (!bad.length)
    return (
      <p className="flex items-center gap-2" role="status">
        <Check size={14} aria-hidden /> All {job.verification!.files.length} files are whole and right.
      </p>
    );
  return (
    <div role="alert" className="rounded-md border border-danger p-2 text-danger">
      <ul>
        {bad.map(({ path, problem }) => (
          <li key={path} className="[overflow-wrap:anywhere]">
            {path} {problem}
          </li>
        ))}
      </ul>
      <p className="mt-1">Remove the family and pull or import it again.</p>
    </div>
  );
}

function shareOf(progress: InstallProgress): number | undefined {
  if (progress.phase === 'downloading') return progress.received / Math.max(1, progress.bytes);
  if (progress.phase === 'importing' || progress.phase === 'checking') return progress.total ? (progress.done ?? 0) / progress.total : undefined;
  return undefined;
}

function progressText(progress: InstallProgress, family: string): string {
  // A pull may first bring the space that the model needs.
  const which = progress.family === family ? '' : `${progress.family} first: `;
  switch (progress.phase) {
    case 'asking':
      return `${which}asking the hub`;
    case 'downloading':
      return `${which}${amount(progress.received)} of ${amount(progress.bytes)}${progress.speed ? `, ${amount(progress.speed)}/s` : ''}${progress.secondsLeft === undefined ? '' : `, ${duration(progress.secondsLeft)} left`}`;
    case 'waiting':
      return `${which}${progress.reason}; trying again in ${duration(progress.ms / 1000)}`;
    case 'checking':
      return `${which}checking ${progress.file}`;
    case 'importing':
      return `${which}importing (${progress.what})`;
    case 'settling':
      return `${which}writing to the disk`;
  }
}
