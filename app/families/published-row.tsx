'use client';
import { Download, FileInput, Trash2 } from 'lucide-react';
import type { PublishedModel } from '@/server/families/types';
import { useNumbers } from '../languages/numbers';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
import { licenceText } from './licence-text';
import type { ModelsState } from './use-models';
import { Facts } from './facts';
import { JobProgress } from './job-progress';
import { ModelRow, tag } from './model-row';
import { PullDialog } from './pull-dialog';

/** A published model: what it is good for, under which licence, what it needs, and the way to have it. */
export function PublishedRow({ model, models }: { model: PublishedModel; models: ModelsState }) {
  const { t } = useTranslation();
  const { amount } = useNumbers();
  const { name, title, goodAt, needs, note, page, files, kind } = model;
  const view = models.view!;
  const installed = view.families.some((family) => family.name === name);
  const part = view.unfinished.find((pull) => pull.name === name);
  const job = models.jobOf(name);
  const busy = job?.state === 'waiting' || job?.state === 'running';
  const sizes = files.map(({ bytes }) => bytes);
  const known =
    sizes.length > 0 && sizes.every((bytes) => bytes !== undefined)
      ? sizes.reduce((sum, bytes) => sum! + bytes!, 0)
      : undefined;
  const state = installed
    ? msg('installed')
    : busy
      ? msg('under way')
      : part
        ? msg('half pulled')
        : files.length
          ? msg('on the hub')
          : msg('by hand');
  const size = known === undefined ? (files.length ? t('the hub says before the download') : undefined) : amount(known);
  return (
    <ModelRow
      testId={`published-${name}`}
      state={state}
      title={t(title)}
      about={t(goodAt)}
      facts={
        <>
          {known !== undefined && <span className="font-mono text-xs text-quiet">{size}</span>}
          <span className={tag}>{t(state)}</span>
        </>
      }
      told={busy || job?.state === 'failed'}
      action={
        !installed &&
        !busy &&
        files.length > 0 && (
          <PullDialog
            name={name}
            title={title}
            needs={needs}
            models={models}
            trigger="flex shrink-0 items-center gap-1.5 rounded-md border border-accent px-3 py-1 text-sm disabled:opacity-60"
          >
            <Download size={14} aria-hidden /> {part ? t('Resume') : t('Pull')} …
            <span className="sr-only"> {t(title)}</span>
          </PullDialog>
        )
      }
    >
      <p className="text-sm lg:hidden">{t(goodAt)}</p>
      <Facts
        facts={[
          [t('name'), name],
          [t('licence'), licenceText(t, model)],
          [
            t('needs'),
            needs &&
              (view.families.some((family) => family.name === needs)
                ? t('{{name}} (installed)', { name: needs })
                : files.length
                  ? t('{{name}} (pulled along)', { name: needs })
                  : needs),
          ],
          [t('source'), repositories(files)],
          [t('mirrors'), repositories(files.flatMap(({ mirrors = [] }) => mirrors))],
          [t('size'), size],
        ]}
      />
      {note && (
        <details className="mt-1 text-sm">
          <summary className="cursor-pointer text-quiet">{t('note')}</summary>
          <p className="mt-1 [overflow-wrap:anywhere]">{t(note)}</p>
        </details>
      )}
      {page && (
        <p className="mt-1 text-sm">
          <a href={page} target="_blank" rel="noreferrer" className="underline [overflow-wrap:anywhere]">
            {page.replace(/^https?:\/\//, '')}
          </a>
        </p>
      )}
      {job && job.kind !== 'verify' && job.state !== 'done' && !installed && <JobProgress job={job} models={models} />}
      {part && !busy && (
        <p className="mt-2 text-sm text-quiet">
          {t('{{part}} of {{whole}} are here.', { part: amount(part.received), whole: amount(part.bytes) })}
        </p>
      )}
      {!installed && !busy && (
        <div className="flex flex-wrap gap-2 pt-3">
          {part && (
            <button
              type="button"
              disabled={Boolean(view.locked)}
              className="flex items-center gap-1.5 rounded-md border border-line px-3 py-1 text-sm disabled:opacity-60"
              onClick={() => void models.attempt(() => models.client.models.discard.mutate({ name }))}
            >
              <Trash2 size={14} aria-hidden /> <span aria-hidden>{t('Discard')}</span>
              <span className="sr-only">{t('Discard what was pulled of {{title}}', { title: t(title) })}</span>
            </button>
          )}
          <a
            href={`#import-${kind}`}
            className="flex items-center gap-1.5 rounded-md border border-line px-3 py-1 text-sm"
          >
            <FileInput size={14} aria-hidden /> <span aria-hidden>{t('From files')}</span>
            <span className="sr-only">{t('From files for {{title}}', { title: t(title) })}</span>
          </a>
        </div>
      )}
    </ModelRow>
  );
}

/** Their repositories, each once; nothing where there is none. */
const repositories = (files: readonly { repository: string }[]) =>
  [...new Set(files.map(({ repository }) => repository))].join(', ') || undefined;
