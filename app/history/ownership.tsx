'use client';
import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type FormEvent, useState } from 'react';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { problemOf, useStudioClient } from '../client/client';
import { OwnershipKeys } from './ownership-keys';

const button =
  'flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';

/** Whose history this is, what it takes on the disk, and how to have it in another browser. */
export function Ownership({
  label,
  onRestored,
}: {
  /** On the button, instead of `Ownership`. */ label?: string;
  onRestored: () => unknown;
}) {
  const { t } = useTranslation();
  const { megabytes } = useNumbers();
  const client = useStudioClient();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [said, setSaid] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const owner = useQuery({ queryKey: ['owner'], queryFn: () => client.owner.info.query(), enabled: open });
  const attempt = (work: () => Promise<unknown>) => {
    setProblem(undefined);
    setSaid(undefined);
    work().catch((error: unknown) => setProblem(problemOf(error)));
  };
  const restore = (event: FormEvent) => {
    event.preventDefault();
    attempt(async () => {
      await client.owner.restore.mutate({ key: typed });
      setTyped('');
      setSaid(t('This browser now shows the history of that key.'));
      await owner.refetch();
      await onRestored();
    });
  };
  const byCookie = owner.data?.kind === 'browser';
  const disk = owner.data?.disk;
  return (
    <Dialog.Root open={open} onOpenChange={(opened) => (setOpen(opened), setSaid(undefined), setProblem(undefined))}>
      <Dialog.Trigger className={button}>
        <KeyRound size={15} aria-hidden /> {label ?? <span className="sr-only sm:not-sr-only">{t('Ownership')}</span>}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content className="fixed top-16 left-1/2 z-40 max-h-[80dvh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 text-sm shadow-lg">
          <Dialog.Title className="font-semibold">{t('Whose history this is')}</Dialog.Title>
          <Dialog.Description className="mt-1 mb-4 text-quiet">
            {byCookie
              ? t(
                  'It belongs to this browser, by a cookie, without a name or an account. Nobody else sees it but through links that you make.',
                )
              : t('It belongs to this machine: its page and its command line show the same, to whoever sits here.')}
          </Dialog.Description>
          {disk && (
            <p className="mb-4" data-testid="disk">
              {byCookie
                ? t(
                    'On the disk: {{mine}} of yours of at most {{mostMine}}; the whole studio takes {{all}} of at most {{most}}.',
                    {
                      mine: megabytes(disk.owner),
                      mostMine: megabytes(disk.ownerLimit),
                      all: megabytes(disk.all),
                      most: megabytes(disk.allLimit),
                    },
                  )
                : t('On the disk: {{mine}} of yours; the whole studio takes {{all}} of at most {{most}}.', {
                    mine: megabytes(disk.owner),
                    all: megabytes(disk.all),
                    most: megabytes(disk.allLimit),
                  })}
            </p>
          )}
          <section className="mb-4">
            <h3 className="font-medium">{t('Ownership keys')}</h3>
            <p className="mb-2 text-quiet">
              {byCookie
                ? t(
                    'Save a key where you keep passwords. With it another browser, or this one without its cookies, shows this history; whoever has it can read and delete all of it. One that got lost is revoked alone.',
                  )
                : t(
                    'Save a key where you keep passwords. With it another browser of a studio that is open to your network shows this history; whoever has it can read and delete all of it. One that got lost is revoked alone.',
                  )}
            </p>
            <OwnershipKeys attempt={attempt} say={setSaid} onRevoked={onRestored} />
          </section>
          {byCookie && (
            <form onSubmit={restore}>
              <label htmlFor="restore-key" className="font-medium">
                {t('Restore from a key')}
              </label>
              <p className="mb-2 text-quiet">
                {t(
                  'This browser then shows that history. What it shows now needs a key of its own to come back: make one first.',
                )}
              </p>
              <div className="flex gap-2">
                <input
                  id="restore-key"
                  value={typed}
                  onChange={(event) => setTyped(event.target.value)}
                  autoComplete="off"
                  spellCheck={false}
                  className="min-w-0 flex-1 rounded-md border border-line bg-page px-2 py-1 font-mono text-xs"
                />
                <button type="submit" className={button} disabled={!typed.trim()}>
                  {t('Restore')}
                </button>
              </div>
            </form>
          )}
          <p role="status" className="mt-3">
            {said}
          </p>
          {problem && (
            <p role="alert" className="mt-3 rounded-md border border-danger p-2 text-danger">
              <ProblemText of={problem} />
            </p>
          )}
          <Dialog.Close className={`${button} mt-4`}>{t('Close')}</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
