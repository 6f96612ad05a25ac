'use client';
import { Equal, EqualNot, History as HistoryIcon } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useRef, useState } from 'react';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { problemOf, useStudioClient } from '../client/client';
import { type Address, pathOf } from '../comparisons/address';
import { replay, type Replayed } from './replay';
import { replayNote, replaySaid } from './replay-words';
import { LaneMark } from '../views/lane-mark';

const button = 'flex items-center gap-1.5 rounded-md border border-line px-3 py-1.5 text-sm disabled:opacity-60';

/** Runs a comparison again with the same settings and says whether the tokens are the same, and what differs if not. */
export function ReplayDialog({
  address,
  name,
  onDone,
  label,
}: {
  address: Address;
  /** Without one it is this comparison. */ name?: string;
  onDone?: () => void;
  label?: string;
}) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const [open, setOpen] = useState(false);
  const [running, setRunning] = useState<{ done: number; of: number }>();
  const [report, setReport] = useState<Replayed>();
  const [problem, setProblem] = useState<Problem>();
  const stop = useRef<() => void>(undefined);

  const start = async () => {
    setReport(undefined);
    setProblem(undefined);
    setRunning({ done: 0, of: 0 });
    const stopping = new AbortController();
    stop.current = () => stopping.abort();
    const watch = {
      signal: stopping.signal,
      onStart: (of: number) => setRunning({ done: 0, of }),
      onLane: () => setRunning((before) => before && { ...before, done: before.done + 1 }),
    };
    try {
      setReport(await replay(client, address, watch));
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      stop.current = undefined;
      setRunning(undefined);
      onDone?.();
    }
  };
  return (
    <Dialog.Root open={open} onOpenChange={(opened) => (setOpen(opened), !opened && stop.current?.())}>
      <Dialog.Trigger
        className={label ? `${button} bg-card` : 'rounded-md border border-line bg-card p-1.5'}
        {...(label
          ? {}
          : {
              'aria-label': name === undefined ? t('Replay this comparison') : t('Replay {{name}}', { name }),
              title: t('Replay: run it again and compare'),
            })}
      >
        <HistoryIcon size={15} aria-hidden /> {label}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content className="fixed top-16 left-1/2 z-40 max-h-[80dvh] w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 text-sm shadow-lg">
          <Dialog.Title className="font-semibold [overflow-wrap:anywhere]">
            {name === undefined ? t('Replay this comparison') : t('Replay “{{name}}”', { name })}
          </Dialog.Title>
          <Dialog.Description className="mt-1 mb-4 text-quiet">
            {address.where === 'server'
              ? t(
                  'Runs the same input with the same lanes, options and seeds on this studio, as a new comparison, and puts the tokens side by side.',
                )
              : t(
                  'Runs the same input with the same lanes, options and seeds on the same devices, in this browser where they ran in it, as a new comparison, and puts the tokens side by side.',
                )}
          </Dialog.Description>
          <div aria-live="polite" data-testid="replay-report">
            {running && (
              <p>
                {running.of
                  ? t('Decoding: {{done}} of {{count}} lanes are done.', { done: running.done, count: running.of })
                  : t('Starting …')}
              </p>
            )}
            {report && (
              <>
                <p className="flex items-center gap-2 text-base font-medium">
                  {report.same ? <Equal size={18} aria-hidden /> : <EqualNot size={18} aria-hidden />}{' '}
                  {replaySaid(t, report)[0]}
                </p>
                <ul className="mt-1 list-disc pl-9 text-quiet">
                  {replaySaid(t, report)
                    .slice(1)
                    .map((sentence) => (
                      <li key={sentence}>{sentence}</li>
                    ))}
                </ul>
                <ul className="mt-3 divide-y divide-line border-y border-line">
                  {report.lanes.map((lane) => (
                    <li key={lane.id} className="flex gap-2 py-2">
                      <LaneMark decoder={lane.decoder} />
                      <div className="min-w-0">
                        <p className="font-mono text-xs text-quiet">
                          {lane.id}:{' '}
                          {lane.same
                            ? t('the same')
                            : lane.firstDifference === null
                              ? t('differs')
                              : t('differs from token {{number}} on', { number: lane.firstDifference + 1 })}
                        </p>
                        {lane.lacks && <p className="text-quiet">{replayNote(t, lane)}</p>}
                        {lane.before !== null && !lane.same && (
                          <p>
                            {t('then:')} <span lang="en">{lane.before}</span>
                          </p>
                        )}
                        {lane.after !== null && (
                          <p>
                            {lane.same ? '' : `${t('now:')} `}
                            <span lang="en">{lane.after}</span>
                          </p>
                        )}
                      </div>
                    </li>
                  ))}
                </ul>
                {report.at && (
                  <a href={pathOf(report.at)} className="mt-3 inline-block underline">
                    {t('Open the replay')}
                  </a>
                )}
              </>
            )}
          </div>
          {problem && (
            <p role="alert" className="rounded-md border border-danger p-2 text-danger">
              <ProblemText of={problem} />
            </p>
          )}
          <div className="mt-4 flex gap-2">
            <button
              type="button"
              className={`${button} border-accent font-medium`}
              disabled={running !== undefined}
              onClick={() => void start()}
            >
              {report || problem ? t('Replay again') : t('Replay')}
            </button>
            <Dialog.Close className={button}>{running ? t('Stop') : t('Close')}</Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
