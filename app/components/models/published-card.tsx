'use client';
import { Download, FileInput, Trash2 } from 'lucide-react';
import type { PublishedModel } from '@/server/families/types';
import { amount } from '@/models/units';
import type { ModelsState } from '../../lib/use-models';
import { Facts } from './facts';
import { JobProgress } from './job-progress';
import { PullDialog } from './pull-dialog';

/** A published model: what it is good for, under which licence, what it needs, and the way to have it. */
export function PublishedCard({ model, models }: { model: PublishedModel; models: ModelsState }) {
  const { name, title, goodAt, licence, needs, note, page, files, kind } = model;
  const view = models.view!;
  const installed = view.families.some((family) => family.name === name);
  const part = view.unfinished.find((pull) => pull.name === name);
  const job = models.jobOf(name);
  const busy = job?.state === 'waiting' || job?.state === 'running';
  const sizes = files.map(({ bytes }) => bytes);
  const known = sizes.length > 0 && sizes.every((bytes) => bytes !== undefined) ? sizes.reduce((sum, bytes) => sum! + bytes!, 0) : undefined;
  const state = installed ? 'installed' : busy ? 'under way' : part ? 'half pulled' : files.length ? 'on the hub' : 'by hand';
  return (
    <li className="flex min-w-0 flex-col rounded-lg border border-line bg-card p-4" data-testid={`published-${name}`} data-state={state}>
      <h3 className="flex flex-wrap items-center gap-2 font-medium">
        <span className="min-w-0 [overflow-wrap:anywhere]">{title}</span>
        <span className="ml-auto rounded border border-line px-1.5 text-xs font-normal text-quiet">{state}</span>
      </h3>
      <p className="mt-1 text-sm">{goodAt}</p>
      <Facts
        facts={[
          ['name', name],
          ['licence', licence],
          ['needs', needs && `${needs}${view.families.some((family) => family.name === needs) ? ' (installed)' : files.length ? ' (pulled along)' : ''}`],
          ['source', files.length ? [...new Set(files.map(({ repository }) => repository))].join(', ') : undefined],
          ['size', known === undefined ? (files.length ? 'the hub says before the download' : undefined) : amount(known)],
        ]}
      />
      {note && (
        <details className="mt-1 text-sm">
          <summary className="cursor-pointer text-quiet">note</summary>
          <p className="mt-1 [overflow-wrap:anywhere]">{note}</p>
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
          {amount(part.received)} of {amount(part.bytes)} are here.
        </p>
      )}
      {!installed && !busy && (
        <div className="mt-auto flex flex-wrap gap-2 pt-3">
          {files.length > 0 && (
            <PullDialog name={name} title={title} needs={needs} models={models} trigger="flex items-center gap-1.5 rounded-md border border-accent px-3 py-1 text-sm disabled:opacity-60">
              <Download size={14} aria-hidden /> {part ? 'Resume' : 'Pull'} …<span className="sr-only"> {title}</span>
            </PullDialog>
          )}
          {part && (
            <button type="button" disabled={Boolean(view.locked)} className="flex items-center gap-1.5 rounded-md border border-line px-3 py-1 text-sm disabled:opacity-60" onClick={() => void models.attempt(() => models.client.models.discard.mutate({ name }))}>
              <Trash2 size={14} aria-hidden /> Discard<span className="sr-only"> what was pulled of {title}</span>
            </button>
          )}
          <a href={`#import-${kind}`} className="flex items-center gap-1.5 rounded-md border border-line px-3 py-1 text-sm">
            <FileInput size={14} aria-hidden /> From files<span className="sr-only"> for {title}</span>
          </a>
        </div>
      )}
    </li>
  );
}
