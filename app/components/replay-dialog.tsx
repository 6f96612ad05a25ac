'use client';
import { Equal, EqualNot, History as HistoryIcon } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useRef, useState } from 'react';
import { errorText, useStudioClient } from '../lib/client';
import { type Replayed, replayHere, replayOnServer } from '../lib/replay';
import { LaneMark } from '../views/lane-mark';

const button = 'flex items-center gap-1.5 rounded-md border border-line px-3 py-1.5 text-sm disabled:opacity-60';

/** Runs a comparison again with the same settings and says whether the tokens are the same, and what differs if not. */
export function ReplayDialog({ id, where, name, onDone, label }: { id: string; where: 'server' | 'browser'; name: string; onDone?: () => void; label?: string }) {
  const client = useStudioClient();
  const [open, setOpen] = useState(false);
  const [running, setRunning] = useState<{ done: number; of: number }>();
  const [report, setReport] = useState<Replayed>();
  const [problem, setProblem] = useState<string>();
  const stop = useRef<() => void>(undefined);

  const start = async () => {
    setReport(undefined);
    setProblem(undefined);
    setRunning({ done: 0, of: 0 });
    const stopping = new AbortController();
    stop.current = () => stopping.abort();
    const watch = { signal: stopping.signal, onStart: (of: number) => setRunning({ done: 0, of }), onLane: () => setRunning((before) => before && { ...before, done: before.done + 1 }) };
    try {
      setReport(await (where === 'server' ? replayOnServer(client, id, watch) : replayHere(client, id, watch)));
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      stop.current = undefined;
      setRunning(undefined);
      onDone?.();
    }
  };
  return (
    <Dialog.Root open={open} onOpenChange={(opened) => (setOpen(opened), !opened && stop.current?.())}>
      <Dialog.Trigger className={label ? `${button} bg-card` : 'rounded-md border border-line bg-card p-1.5'} {...(label ? {} : { 'aria-label': `Replay ${name}`, title: 'Replay: run it again and compare' })}>
        <HistoryIcon size={15} aria-hidden /> {label}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content className="fixed top-16 left-1/2 z-40 max-h-[80dvh] w-[min(36rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 text-sm shadow-lg">
          <Dialog.Title className="font-semibold [overflow-wrap:anywhere]">Replay {name === 'this comparison' ? name : `“${name}”`}</Dialog.Title>
          <Dialog.Description className="mt-1 mb-4 text-quiet">Runs the same input with the same lanes, options and seeds {where === 'server' ? 'on this studio' : 'on the same devices, in this browser where they ran in it'}, as a new comparison, and puts the tokens side by side.</Dialog.Description>
          <div aria-live="polite" data-testid="replay-report">
            {running && <p>{running.of ? `Decoding: ${running.done} of ${running.of} lanes are done.` : 'Starting …'}</p>}
            {report && (
              <>
                <p className="flex items-center gap-2 text-base font-medium">
                  {report.same ? <Equal size={18} aria-hidden /> : <EqualNot size={18} aria-hidden />} {report.sentences[0]}
                </p>
                <ul className="mt-1 list-disc pl-9 text-quiet">
                  {report.sentences.slice(1).map((sentence) => (
                    <li key={sentence}>{sentence}</li>
                  ))}
                </ul>
                <ul className="mt-3 divide-y divide-line border-y border-line">
                  {report.lanes.map((lane) => (
                    <li key={lane.id} className="flex gap-2 py-2">
                      <LaneMark decoder={lane.decoder} />
                      <div className="min-w-0">
                        <p className="font-mono text-xs text-quiet">
                          {lane.id}: {lane.same ? 'the same' : lane.firstDifference === null ? 'differs' : `differs from token ${lane.firstDifference + 1} on`}
                        </p>
                        {lane.note && <p className="text-quiet">{lane.note}</p>}
                        {lane.before !== null && !lane.same && <p>then: {lane.before}</p>}
                        {lane.after !== null && <p>{lane.same ? '' : 'now: '}{lane.after}</p>}
                      </div>
                    </li>
                  ))}
                </ul>
                {report.href && (
                  <a href={report.href} className="mt-3 inline-block underline">
                    Open the replay
                  </a>
                )}
              </>
            )}
          </div>
          {problem && (
            <p role="alert" className="rounded-md border border-danger p-2 text-danger">
              {problem}
            </p>
          )}
          <div className="mt-4 flex gap-2">
            <button type="button" className={`${button} border-accent font-medium`} disabled={running !== undefined} onClick={() => void start()}>
              {report || problem ? 'Replay again' : 'Replay'}
            </button>
            <Dialog.Close className={button}>{running ? 'Stop' : 'Close'}</Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
