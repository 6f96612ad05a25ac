'use client';
import { Dialog } from 'radix-ui';
import { type ReactNode, useId, useRef, useState } from 'react';
import type { PullPlan } from '@/server/families/types';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { Sentence } from '../languages/sentence';
import { useTranslation } from '../languages/use-translation';
import { codeOf, problemOf } from '../client/client';
import { licenceText } from './licence-text';
import type { ModelsState } from './use-models';
import { DialogActions } from '../controls/dialog-actions';

/** Names that a family can have. */
const familyName = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const field = 'mt-1 w-full rounded border border-line bg-page px-2 py-1 font-mono text-xs';

/**
 * Asks the hub what a pull would bring, shows licences, files and disk, and starts it. The family's name and, of a
 * decoder, the family that
 * it joins can be chosen; the hub is asked again then.
 */
export function PullDialog({
  name,
  title,
  needs,
  models,
  trigger,
  disabled,
  children,
}: {
  name: string;
  title: string;
  needs?: string;
  models: ModelsState;
  trigger: string;
  disabled?: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const { amount } = useNumbers();
  const [open, setOpen] = useState(false);
  const [plan, setPlan] = useState<PullPlan>();
  const [problem, setProblem] = useState<Problem>();
  const [offline, setOffline] = useState(false);
  const asking = useRef<AbortController>(undefined);
  const nameHelp = useId();
  const [as, setAs] = useState('');
  const [base, setBase] = useState('');
  const [asked, setAsked] = useState({ as: '', base: '' });
  const locked = Boolean(models.view?.locked);

  const request = (chosen: typeof asked) => ({
    name,
    ...(chosen.as ? { as: chosen.as } : {}),
    ...(chosen.base ? { base: chosen.base } : {}),
  });
  const ask = async (chosen = { as, base }) => {
    asking.current?.abort();
    const mine = (asking.current = new AbortController());
    setAsked(chosen);
    setPlan(undefined);
    setProblem(undefined);
    try {
      const answer = await models.client.models.plan.query(request(chosen), { signal: mine.signal });
      if (!mine.signal.aborted) setPlan(answer);
    } catch (error) {
      if (mine.signal.aborted) return;
      setProblem(problemOf(error));
      setOffline(codeOf(error) === 'hub-unreachable');
    }
  };
  const change = (opened: boolean) => {
    setOpen(opened);
    if (opened) void ask();
    else asking.current?.abort();
  };
  const pull = async () => {
    setOpen(false);
    await models.attempt(() => models.client.models.pull.mutate(request({ as, base })));
  };
  const usual = name.split('/').at(-1)!.toLowerCase();
  const bad = as !== '' && !familyName.test(as);
  // While a name is typed, what is shown is another's.
  const current = plan && !bad && asked.as === as;
  const bases =
    needs === undefined
      ? []
      : (models.view?.families ?? []).filter(({ name: one, space }) => space?.name === needs && one !== needs);
  const tight = plan && plan.freeBytes < plan.diskBytes;
  return (
    <Dialog.Root open={open} onOpenChange={change}>
      <Dialog.Trigger className={trigger} disabled={locked || disabled}>
        {children}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content
          className="fixed top-[8dvh] left-1/2 z-40 max-h-[84dvh] w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 text-sm shadow-lg"
          data-testid="pull-dialog"
        >
          <Dialog.Title className="font-semibold">{t('Pull {{title}}', { title: t(title) })}</Dialog.Title>
          <Dialog.Description className="mt-1 text-quiet">
            {t('From {{hub}}. By pulling you accept these licences; the weights stay on this machine.', {
              hub: models.view?.hub.endpoint,
            })}
          </Dialog.Description>
          {!plan && !problem && <p className="mt-4">{t('Asking the hub for sizes and hashes …')}</p>}
          {problem && (
            <div role="alert" className="mt-4 rounded-md border border-danger p-3 text-danger">
              <p className="[overflow-wrap:anywhere]">
                <ProblemText of={problem} />
              </p>
              <p className="mt-2" hidden={!offline}>
                <Sentence
                  says="Not on the network? Set <code>HF_ENDPOINT</code> to a mirror and start the studio again, or fetch the files elsewhere and use <em>Import from files</em> below."
                  parts={{ code: <code className="font-mono" />, em: <em /> }}
                />
              </p>
              <button
                type="button"
                className="mt-2 rounded border border-danger px-2 py-0.5"
                onClick={() => void ask()}
              >
                {t('Ask again')}
              </button>
            </div>
          )}
          {plan && (
            <>
              <ul className="mt-4 space-y-3">
                {plan.steps.map((step) => (
                  <li key={step.name} className="rounded-md border border-line p-3">
                    <p className="font-medium">
                      {t(step.title)}{' '}
                      <span className="font-normal text-quiet">
                        {step.base
                          ? t('as {{name}} on {{base}}', { name: step.name, base: step.base })
                          : t('as {{name}}', { name: step.name })}
                      </span>
                    </p>
                    <p className="[overflow-wrap:anywhere]">
                      {t('Licence: {{licence}}', { licence: licenceText(t, step) })}
                    </p>
                    {step.note && <p className="text-quiet">{t(step.note)}</p>}
                    <ul className="mt-1 font-mono text-xs text-quiet">
                      {step.files.map(({ repository, path, bytes, received }) => (
                        <li key={`${repository}/${path}`} className="[overflow-wrap:anywhere]">
                          {repository} {path}, {amount(bytes)}
                          {received ? `, ${t('{{amount}} of it here', { amount: amount(received) })}` : ''}
                        </li>
                      ))}
                    </ul>
                  </li>
                ))}
              </ul>
              <p className={`mt-3 ${tight ? 'text-danger' : ''}`}>
                {t('{{download}} to download; up to {{disk}} of disk while it works, {{free}} free.', {
                  download: amount(plan.bytes - plan.received),
                  disk: amount(plan.diskBytes),
                  free: amount(plan.freeBytes),
                })}
              </p>
            </>
          )}
          <div className="mt-4 grid gap-3 sm:grid-cols-2">
            <label className="block">
              <span className="font-medium">{t('Name of the family')}</span>
              <input
                className={field}
                value={as}
                placeholder={usual}
                spellCheck={false}
                aria-invalid={bad}
                aria-describedby={bad ? nameHelp : undefined}
                onChange={(event) => setAs(event.target.value.trim())}
                onBlur={() => !bad && asked.as !== as && void ask()}
                onKeyDown={(event) => event.key === 'Enter' && !bad && void ask()}
              />
              {bad && (
                <span id={nameHelp} className="text-danger">
                  {t('Small letters, digits, dots, dashes and underscores, at most 64.')}
                </span>
              )}
            </label>
            {bases.length > 0 && (
              <label className="block">
                <span className="font-medium">{t('Joins the family')}</span>
                <select
                  className={field}
                  value={base}
                  onChange={(event) => {
                    setBase(event.target.value);
                    void ask({ as, base: event.target.value });
                  }}
                >
                  <option value="">{t('{{name}} (the space alone)', { name: needs })}</option>
                  {bases.map(({ name: one, decoders }) => (
                    <option key={one} value={one}>
                      {t('{{name}} (with {{decoders}})', { name: one, decoders: decoders.join(', ') })}
                    </option>
                  ))}
                </select>
              </label>
            )}
          </div>
          <DialogActions disabled={!current} onGo={() => void pull()}>
            {plan?.received ? t('Go on') : t('Download')}
          </DialogActions>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
