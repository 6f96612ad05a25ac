'use client';
import { HardDrive } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useNumbers } from '../languages/numbers';
import { msg } from '../languages/msg';
import { ProblemText } from '../languages/problem';
import { Sentence } from '../languages/sentence';
import { useTranslation } from '../languages/use-translation';
import { useModels } from '../families/use-models';
import { Header } from '../frame/header';
import { AdministratorForm } from '../families/administrator-form';
import { ImportForm } from '../families/import-form';
import { findsInstalled, findsPublished } from '../families/find-models';
import { InstalledRow } from '../families/installed-row';
import { ModelList } from '../families/model-row';
import { PublishedRow } from '../families/published-row';
import { RepositoryForm } from '../families/repository-form';
import { ModelSearch } from './model-search';
import { UnderWay } from './under-way';

/**
 * The catalog: families that are here, those that can be pulled from the hub, and the way in for files of one's own.
 */
export function Models() {
  const { t } = useTranslation();
  const { amount } = useNumbers();
  const models = useModels();
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed.trim());
  const { view, failure, problem, lost } = models;
  const locked = view?.locked;
  const known = new Set([
    ...(view?.families ?? []).map(({ name }) => name),
    ...(view?.published ?? []).map(({ name }) => name),
  ]);
  // Work on families that have no card of their own: an import, or a pull of somebody's repository.
  const others = models.jobs.filter(
    (job) => !known.has(job.family) && (job.state === 'waiting' || job.state === 'running' || job.state === 'failed'),
  );
  const orphans = (view?.unfinished ?? []).filter(
    ({ name }) => !known.has(name) && !others.some(({ family }) => family === name),
  );
  const families = (view?.families ?? []).filter((family) => findsInstalled(family, search));
  const published = (view?.published ?? []).filter((model) => findsPublished(model, search, t));
  return (
    <div className="flex min-h-dvh flex-col">
      <Header device="" skip={{ to: '#models', what: t('Skip to the models') }} />
      <main id="models" tabIndex={-1} className="mx-auto w-full max-w-6xl flex-1 space-y-6 p-4">
        <div>
          <h1 className="text-xl font-semibold">{t('Models')}</h1>
          <p className="mt-1 max-w-prose text-sm text-quiet">
            {t(
              'A family is an embedding space and the decoders that read it. One ships with the studio; others are pulled from the hub or imported from files, and then run like it, on the server and in the browser.',
            )}
          </p>
          {view && (
            <p className="mt-2 flex flex-wrap items-center gap-x-2 text-sm text-quiet" data-testid="disk">
              <HardDrive size={14} aria-hidden />
              <span>
                {t('{{used}} used, {{free}} free in', {
                  used: amount(view.disk.usedBytes),
                  free: amount(view.disk.freeBytes),
                })}
              </span>{' '}
              <span className="font-mono text-xs [overflow-wrap:anywhere]">{view.disk.folder}</span>
            </p>
          )}
        </div>
        {lost && (
          <p role="status" className="rounded-md border border-line p-3 text-sm">
            {t('The studio does not answer just now. Its jobs go on without this page; what is shown may be old.')}
          </p>
        )}
        {locked && <AdministratorForm models={models} />}
        {failure && (
          <div role="alert" className="rounded-md border border-danger p-3 text-sm text-danger">
            <p>
              <ProblemText of={failure} />
            </p>
            <button type="button" className="mt-2 rounded border border-danger px-2 py-0.5" onClick={models.retry}>
              {t('Try again')}
            </button>
          </div>
        )}
        {problem && (
          <div
            role="alert"
            className="flex items-start gap-3 rounded-md border border-danger p-3 text-sm text-danger"
            data-testid="problem"
          >
            <p className="mr-auto [overflow-wrap:anywhere]">
              <ProblemText of={problem} />
            </p>
            <button type="button" className="rounded border border-danger px-2 py-0.5" onClick={models.clearProblem}>
              {t('Close')}
            </button>
          </div>
        )}
        {models.loading && <p className="text-sm text-quiet">{t('Reading what is installed …')}</p>}
        {view && (
          <>
            <ModelSearch typed={typed} onType={setTyped} shown={families.length + published.length} of={known.size} />
            {families.length > 0 && (
              <section aria-labelledby="installed" className="space-y-2">
                <h2 id="installed" className="font-semibold">
                  {t('Installed')}
                </h2>
                <ModelList>
                  {families.map((family) => (
                    <InstalledRow key={family.name} family={family} models={models} />
                  ))}
                </ModelList>
                {view.families.length === 1 && (
                  <p className="text-sm text-quiet">
                    {t(
                      'Only the embedded family so far. Pull one below: CLIP ViT-B/32 is the space that most published decoders read.',
                    )}
                  </p>
                )}
              </section>
            )}
            <UnderWay others={others} orphans={orphans} models={models} />
            <section aria-labelledby="published" className="space-y-2">
              <h2 id="published" className="font-semibold">
                {t('Published')}
              </h2>
              <p className="max-w-prose text-sm text-quiet">
                <Sentence
                  says={
                    view.hub.hasToken
                      ? msg(
                          'Pulled from <hub/> (with your token). Nothing is downloaded before you have seen sizes and licences. We keep and pass on none of these weights.',
                        )
                      : msg(
                          'Pulled from <hub/> (without a token). Nothing is downloaded before you have seen sizes and licences. We keep and pass on none of these weights.',
                        )
                  }
                  parts={{
                    hub: <span className="font-mono text-xs [overflow-wrap:anywhere]">{view.hub.endpoint}</span>,
                  }}
                />
              </p>
              {published.length > 0 && (
                <ModelList>
                  {published.map((model) => (
                    <PublishedRow key={model.name} model={model} models={models} />
                  ))}
                </ModelList>
              )}
              <RepositoryForm models={models} />
            </section>
            <section aria-labelledby="import" className="space-y-3">
              <h2 id="import" className="font-semibold">
                {t('Import from files')}
              </h2>
              <ImportForm models={models} />
            </section>
          </>
        )}
      </main>
    </div>
  );
}
