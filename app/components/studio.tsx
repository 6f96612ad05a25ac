'use client';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { OptionValue } from '@/models/decoders/types';
import type { CreateComparison, StudioInfo } from '@/server/trpc/types';
import { errorText, uploadImage, useStudioClient } from '../lib/client';
import type { ComparisonState } from '../lib/lane-state';
import { useComparison } from '../lib/use-comparison';
import { Header } from './header';
import { LaneCard } from './lane-card';
import { LaneOptions } from './lane-options';
import { PhotoPanel } from './photo-panel';
import { isTyping } from './shortcuts';

type Options = Record<string, Record<string, OptionValue>>;

/** The page: one photo, one lane for each decoder. */
export function Studio({ initialId }: { initialId?: string }) {
  const client = useStudioClient();
  const info = useQuery({ queryKey: ['studio.info'], queryFn: () => client.studio.info.query() });
  const { shown, problem, setProblem, busy, start, cancel } = useComparison(initialId);
  const [uploading, setUploading] = useState<string>();
  const [options, setOptions] = useState<Options>({});
  const [dragging, setDragging] = useState(false);
  const fileInput = useRef<HTMLInputElement>(null);
  const state = shown?.state;
  const running = state?.status === 'queued' || state?.status === 'running';
  const decoders = useMemo(() => decodersOf(info.data), [info.data]);

  const lanes = useCallback(
    (): CreateComparison['lanes'] => decoders.map(({ name }) => ({ decoder: name, ...(options[name] && Object.keys(options[name]).length ? { options: options[name] } : {}) })),
    [decoders, options],
  );
  const run = useCallback((input: CreateComparison['input']) => start({ input, ...(decoders.length ? { lanes: lanes() } : {}) }), [decoders.length, lanes, start]);
  const onFile = useCallback(
    async (file: File) => {
      setProblem(undefined);
      setUploading(file.name || 'photo');
      try {
        if (running) await cancel();
        const image = await uploadImage(file);
        await run({ kind: 'image', imageId: image.id });
      } catch (error) {
        setProblem(errorText(error));
      } finally {
        setUploading(undefined);
      }
    },
    [cancel, run, running, setProblem],
  );
  const onSample = useCallback(() => void run({ kind: 'sample' }), [run]);
  const onAgain = useMemo(() => {
    if (!shown) return undefined;
    const { picture, input } = shown;
    return () => void run(input === 'sample' ? { kind: 'sample' } : { kind: 'image', imageId: picture.id });
  }, [run, shown]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && running) return void cancel();
      if (isTyping(event)) return;
      if (event.key === 'o') fileInput.current?.click();
      if (event.key === 's') onSample();
      if (event.key === 'r' && !running) onAgain?.();
    };
    const onPaste = (event: ClipboardEvent) => {
      const file = [...(event.clipboardData?.files ?? [])][0];
      if (file) void onFile(file);
    };
    window.addEventListener('keydown', onKey);
    window.addEventListener('paste', onPaste);
    return () => {
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('paste', onPaste);
    };
  }, [cancel, onAgain, onFile, onSample, running]);

  return (
    <div
      className="flex min-h-dvh flex-col"
      onDragOver={(event) => {
        event.preventDefault();
        setDragging(true);
      }}
      onDragLeave={(event) => event.currentTarget === event.target && setDragging(false)}
      onDrop={(event) => {
        event.preventDefault();
        setDragging(false);
        const file = event.dataTransfer.files[0];
        if (file) void onFile(file);
      }}
    >
      <Header device={deviceText(state)} />
      <main className={`grid flex-1 gap-4 p-4 lg:grid-cols-[18rem_minmax(0,1fr)] ${dragging ? 'outline-2 -outline-offset-8 outline-dashed outline-accent' : ''}`}>
        <PhotoPanel
          picture={shown?.picture}
          running={running}
          busy={busy || uploading !== undefined}
          problem={problem ?? (info.error ? errorText(info.error) : state?.error && state.status === 'failed' ? state.error.message : undefined)}
          fileInput={fileInput}
          onFile={(file) => void onFile(file)}
          onSample={onSample}
          onAgain={onAgain}
          onStop={() => void cancel()}
          progress={progressText(state, uploading)}
        />
        <section id="lanes" aria-label="Captions" tabIndex={-1}>
          <h1 className="sr-only">Five decoders, one photo</h1>
          <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-5">
            {decoders.map((card) => (
              <LaneCard key={card.name} card={card} lane={state?.lanes.find((lane) => lane.decoder === card.name)} onRetry={onAgain}>
                <LaneOptions card={card} defaults={info.data?.families[0]?.defaults[card.name] ?? {}} values={options[card.name] ?? {}} onChange={(values) => setOptions((all) => ({ ...all, [card.name]: values }))} />
              </LaneCard>
            ))}
          </div>
          {!decoders.length && !info.error && <p className="p-4 text-sm text-quiet">Asking the server what it can do …</p>}
          <p aria-live="polite" className="sr-only">
            {announcement(state, decoders)}
          </p>
        </section>
      </main>
    </div>
  );
}

function decodersOf(info: StudioInfo | undefined) {
  const family = info?.families[0];
  return info && family ? info.decoders.filter(({ name }) => family.decoders.includes(name)) : [];
}

function deviceText(state: ComparisonState | undefined): string {
  if (!state?.device) return '';
  return `${state.family} on ${state.device.name}, ${state.precision}`;
}

function progressText(state: ComparisonState | undefined, uploading: string | undefined): string {
  if (uploading) return `Reading ${uploading} …`;
  if (!state) return '';
  if (state.status === 'queued') return state.ahead ? `Queued, ${state.ahead} before it` : 'Queued';
  if (state.loading) return `Loading ${state.loading.what} (${state.loading.done + 1} of ${state.loading.total})`;
  if (state.status === 'running') return 'Decoding';
  if (state.status === 'cancelled') return 'Stopped. Finished captions stay.';
  if (state.status === 'interrupted') return 'Interrupted: the server ended while this ran.';
  return state.encodeMs === undefined ? '' : `Image encoded once in ${Math.round(state.encodeMs)} ms`;
}

/** Said once a caption is whole, not for each token. */
function announcement(state: ComparisonState | undefined, decoders: ReturnType<typeof decodersOf>): string {
  return (state?.lanes ?? [])
    .filter(({ status }) => status === 'done')
    .map(({ decoder, caption }) => `${decoders.find(({ name }) => name === decoder)?.title ?? decoder}: ${caption}.`)
    .join(' ');
}
