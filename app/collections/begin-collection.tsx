'use client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FolderOpen, ImagePlus } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type FormEvent, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { StudioInfo } from '@/kept/answers';
import { problemOf, useStudioClient } from '../client/client';
import { useHydrated } from '../client/use-hydrated';
import { FamilyChoice } from '../families/family-choice';
import { decodersOf } from '../families/family-state';
import { folderFiles, namesEmbedding } from '../inputs/dropped-files';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { LaneMark } from '../views/lane-mark';
import { laneTitle } from '../views/looks';
import { lanesHere, wishesOf } from './lanes-here';
import { SendingBar } from './sending-bar';
import { useSender } from './use-sender';

const button =
  'inline-flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';

/** Begins a collection: of what lies on the studio's machine, where that may be named, or of photos of this browser. */
export function BeginCollection() {
  const client = useStudioClient();
  const hydrated = useHydrated();
  const { data: info } = useQuery({
    queryKey: ['studio.info'],
    queryFn: () => client.studio.info.query(),
    staleTime: Infinity,
  });
  // What this browser keeps is known once the page has come alive.
  return info && hydrated ? <Begin info={info} /> : <div className="h-44" />;
}

function Begin({ info }: { info: StudioInfo }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const router = useRouter();
  const queries = useQueryClient();
  const sender = useSender();
  const sending = useStore(sender.store, (state) => state.sending !== undefined);
  const [path, setPath] = useState('');
  const [picked, setPicked] = useState<string>();
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const photos = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const here = lanesHere(info, picked);
  const begin = useMutation({
    mutationFn: (given: string) => client.collection.start.mutate({ of: { kind: 'paths', paths: [given] }, ...wish() }),
    onSuccess: ({ id }) => {
      void queries.invalidateQueries({ queryKey: ['collections'] });
      router.push(`/collections/${id}`);
    },
  });
  if (!here)
    return (
      <p className="rounded-lg border border-line bg-card p-4 text-sm text-quiet">
        {t('The studio has no family that can caption. Open Models and pull or import one.')}
      </p>
    );
  const cards = decodersOf(info, here.family);
  const chosen = here.lanes.filter(({ id }) => !off.has(id));
  const wish = () => ({ family: here.family.name, lanes: wishesOf(chosen, cards) });
  const busy = sending || begin.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (path.trim() && chosen.length && !busy) begin.mutate(path.trim());
  };
  const give = (input: HTMLInputElement, sort: (files: File[]) => File[] = (files) => files) => {
    const files = sort([...(input.files ?? [])]).filter((file) => !namesEmbedding(file));
    input.value = '';
    if (files.length) void sender.send(files, wish(), info.limits);
  };
  return (
    <section aria-label={t('A new collection')} className="space-y-3 rounded-lg border border-line bg-card p-4">
      <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
        <legend className="sr-only">{t('Lanes')}</legend>
        {here.lanes.map((lane) => (
          <label key={lane.id} className="flex min-h-6 items-center gap-1.5">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={!off.has(lane.id)}
              onChange={({ target }) =>
                setOff((before) => {
                  const after = new Set(before);
                  if (target.checked) after.delete(lane.id);
                  else after.add(lane.id);
                  return after;
                })
              }
            />
            <LaneMark decoder={lane.decoder} />
            {laneTitle(lane)}
          </label>
        ))}
        <Link
          href="/"
          className="text-xs text-quiet underline"
          title={t('Lanes and their options are those of Compare')}
        >
          {t('Set up lanes')}
        </Link>
        <span className="ml-auto">
          <FamilyChoice families={{ all: info.families, chosen: here.family, choose: setPicked }} disabled={busy} />
        </span>
      </fieldset>
      {info.folders && (
        <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
          <label className="min-w-0 flex-1 basis-72 text-sm">
            <span className="font-medium">{t('Folder, archive or table on this machine')}</span>
            <input
              value={path}
              onChange={(event) => {
                setPath(event.target.value);
                begin.reset();
              }}
              placeholder={t('/home/me/photos')}
              spellCheck={false}
              autoComplete="off"
              aria-describedby={begin.error ? 'path-problem' : undefined}
              aria-invalid={begin.error ? true : undefined}
              className="mt-1 block w-full rounded-md border border-line bg-page px-2 py-1.5 font-mono text-[13px] placeholder:text-quiet"
            />
          </label>
          <button
            type="submit"
            disabled={busy || !path.trim() || !chosen.length}
            className={`${button} border-accent font-medium`}
          >
            {begin.isPending ? t('Looking into it …') : t('Caption it')}
          </button>
        </form>
      )}
      {begin.error && (
        <p id="path-problem" role="alert" className="text-sm break-words text-danger">
          <ProblemText of={problemOf(begin.error)} />
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <button
          type="button"
          className={button}
          disabled={busy || !chosen.length}
          onClick={() => photos.current?.click()}
        >
          <ImagePlus size={16} aria-hidden /> {t('Choose photos')}
        </button>
        <button
          type="button"
          className={button}
          disabled={busy || !chosen.length}
          onClick={() => folder.current?.click()}
        >
          <FolderOpen size={16} aria-hidden /> {t('Choose folder')}
        </button>
        <span className="text-xs text-quiet">{t('They go to this studio’s own server and nowhere else.')}</span>
        <input
          ref={photos}
          type="file"
          multiple
          accept="image/*"
          aria-label={t('Photo file')}
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => give(event.target)}
        />
        <input
          ref={folder}
          type="file"
          {...{ webkitdirectory: '' }}
          aria-label={t('Folder of photos')}
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => give(event.target, folderFiles)}
        />
      </div>
      <SendingBar sender={sender} />
    </section>
  );
}
