'use client';
import { ShieldCheck, Trash2 } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import type { InstalledCard as Family } from '@/server/families/types';
import { amount } from '@/models/units';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import type { ModelsState } from './use-models';
import { Facts } from './facts';
import { JobProgress } from './job-progress';
import { ModelRow, tag } from './model-row';

/** A family that is here: what it is, what it takes, and the way to check or remove it. */
export function InstalledRow({ family, models }: { family: Family; models: ModelsState }) {
  const { t } = useTranslation();
  const { name, embedded, bytes, space, decoders, licence, trainedOn, source, origins, problem } = family;
  const job = models.jobOf(name);
  const busy = job?.state === 'waiting' || job?.state === 'running';
  const locked = Boolean(models.view?.locked);
  const button = 'flex items-center gap-1.5 rounded-md border border-line px-3 py-1 text-sm disabled:opacity-60';
  return (
    <ModelRow
      testId={`installed-${name}`}
      title={name}
      about={space && (decoders.join(', ') || t('none: a space that decoders can join'))}
      facts={
        <>
          {embedded && <span className={tag}>{t('embedded')}</span>}
          <span className="font-mono text-xs text-quiet">{t('{{amount}} on disk', { amount: amount(bytes) })}</span>
        </>
      }
      told={Boolean(problem) || job?.kind === 'verify'}
    >
      {problem && (
        <p
          role="alert"
          className="mt-2 rounded-md border border-danger p-2 text-sm text-danger [overflow-wrap:anywhere]"
        >
          <ProblemText of={problem} />
        </p>
      )}
      <Facts
        facts={[
          [t('space'), space && t('{{name}}, {{count}} dimensions', { name: space.name, count: space.dim })],
          [t('decoders'), space && (decoders.join(', ') || t('none: a space that decoders can join'))],
          [t('licence'), licence && <span lang="en">{licence}</span>],
          [t('trained on'), trainedOn && <span lang="en">{trainedOn}</span>],
          [t('source'), source],
          [
            t('pulled'),
            origins
              .map(({ repository, path, commit }) =>
                t('{{file}} at {{commit}}', { file: `${repository} ${path}`, commit: commit.slice(0, 8) }),
              )
              .join('; '),
          ],
        ]}
      />
      {job?.kind === 'verify' && <JobProgress job={job} models={models} />}
      <div className="flex flex-wrap gap-2 pt-3">
        <button
          type="button"
          className={button}
          disabled={busy || locked}
          onClick={() => void models.attempt(() => models.client.models.verify.mutate({ name }))}
        >
          <ShieldCheck size={14} aria-hidden /> {t('Verify')}
          <span className="sr-only"> {name}</span>
        </button>
        {!embedded && (
          <RemoveButton name={name} bytes={bytes} disabled={busy || locked} className={button} models={models} />
        )}
      </div>
    </ModelRow>
  );
}

function RemoveButton({
  name,
  bytes,
  disabled,
  className,
  models,
}: {
  name: string;
  bytes: number;
  disabled: boolean;
  className: string;
  models: ModelsState;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const remove = async () => {
    setOpen(false);
    await models.attempt(() => models.client.models.remove.mutate({ name }));
  };
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className={className} disabled={disabled}>
        <Trash2 size={14} aria-hidden /> {t('Remove')}
        <span className="sr-only"> {name}</span>
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content className="fixed top-1/4 left-1/2 z-40 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 rounded-lg border border-line bg-card p-5 text-sm shadow-lg">
          <Dialog.Title className="font-semibold">{t('Remove {{name}}?', { name })}</Dialog.Title>
          <Dialog.Description className="mt-1 text-quiet">
            {t(
              'Its {{amount}} go from the disk. Saved comparisons stay as they are; families that were made on top of it keep their own files.',
              { amount: amount(bytes) },
            )}
          </Dialog.Description>
          <div className="mt-4 flex gap-2">
            <button
              type="button"
              className="rounded-md border border-danger px-3 py-1.5 font-medium text-danger"
              onClick={() => void remove()}
            >
              {t('Remove')}
            </button>
            <Dialog.Close className="rounded-md border border-line px-3 py-1.5">{t('Keep it')}</Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
