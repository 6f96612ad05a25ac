'use client';
import { Download, FolderOpen, ImagePlus, Play, RotateCw, Square } from 'lucide-react';
import { DropdownMenu, Progress } from 'radix-ui';
import { type ReactNode, type RefObject, useRef } from 'react';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { folderFiles } from './dropped-files';
import { downloadEmbedding } from './embedding-io';
import { type Source, sourceName } from '../comparisons/source';
import type { DownloadProgress } from '../engine/messages';
import { AddressForm } from './address-form';
import { Camera } from './camera';
import { EmbeddingView } from './embedding-view';

type ShownProps = {
  picture?: { url: string };
  source?: Source;
  embedding?: { values: readonly number[]; space: string; modality: 'image' | 'text' };
  /** The comparison was saved without its picture. */
  withheld: boolean;
  /** No lane runs on the server: the photo stays in this browser. */
  stays: boolean;
  strip: ReactNode;
};

/** What is described. */
export function PhotoShown({ picture, source, embedding, withheld, stays, strip }: ShownProps) {
  const { t } = useTranslation();
  return (
    <div className="studio-photo min-w-0 space-y-3">
      <div className="relative grid aspect-[4/3] place-items-center overflow-hidden rounded-lg border border-dashed border-line bg-card">
        {picture ? (
          // The server sizes it, and a photo of the person's own gains nothing from Next's optimiser.
          // eslint-disable-next-line @next/next/no-img-element
          <img
            src={picture.url}
            alt={t('The photo that is described')}
            className="absolute inset-0 size-full object-contain"
            data-testid="photo"
          />
        ) : embedding ? (
          <EmbeddingView values={embedding.values} name={sourceName(source, t)} />
        ) : (
          <p className="px-6 text-center text-sm text-quiet">
            {withheld && (
              <>
                {t('The picture of this comparison stayed in the browser that made it.')}
                <br />
              </>
            )}
            {t('Drop photos or a folder anywhere, paste one, or choose below.')}
            <br />
            {stays ? t('They stay in this browser.') : t('They go to this studio’s own server and nowhere else.')}
            <br />
            {t('An embedding (.npy, .json, .safetensors) is read too.')}
          </p>
        )}
      </div>
      {strip}
    </div>
  );
}

type ToolsProps = Pick<ShownProps, 'source' | 'embedding'> & {
  running: boolean;
  busy: boolean;
  problem?: Problem;
  fileInput: RefObject<HTMLInputElement | null>;
  onFiles: (files: File[]) => void;
  /** Takes an address and says whether it was one; without it, none is asked for. */
  onAddress?: (text: string) => boolean;
  onSample: () => void;
  onRun?: () => void;
  onStop: () => void;
  /** What is happening, in words. */
  progress: string;
  /** Weights on their way into this browser. */
  download?: DownloadProgress;
  /** It has not run yet. */
  fresh: boolean;
  children?: ReactNode;
};

const embeddingKinds = ['npy', 'json'] as const;

/** What can be done with it, and how that goes. */
export function PhotoTools({
  source,
  embedding,
  running,
  busy,
  problem,
  fileInput,
  onFiles,
  onAddress,
  onSample,
  onRun,
  onStop,
  progress,
  download,
  fresh,
  children,
}: ToolsProps) {
  const { t } = useTranslation();
  const folderInput = useRef<HTMLInputElement>(null);
  const button =
    'flex items-center gap-1 rounded-md border border-line bg-card px-1.5 py-1.5 text-[13px] whitespace-nowrap disabled:opacity-60 sm:max-lg:px-3';
  const give = (input: HTMLInputElement, sort: (files: File[]) => File[] = (files) => files) => {
    const files = [...(input.files ?? [])];
    input.value = '';
    // A folder without anything to read is told as such.
    if (files.length) onFiles(sort(files));
  };
  return (
    <section aria-label={t('Input')} className="studio-tools min-w-0 space-y-3">
      <div className="grid grid-cols-2 gap-2 sm:max-lg:flex sm:max-lg:flex-wrap">
        <button
          type="button"
          className={`${button} border-accent font-medium`}
          onClick={() => fileInput.current?.click()}
          disabled={busy}
        >
          <ImagePlus size={16} aria-hidden className="shrink-0" /> {t('Choose photos')}
        </button>
        <input
          ref={fileInput}
          type="file"
          multiple
          accept="image/*,.npy,.json,.safetensors"
          aria-label={t('Photo file')}
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => give(event.target)}
        />
        <button type="button" className={button} onClick={() => folderInput.current?.click()} disabled={busy}>
          <FolderOpen size={16} aria-hidden className="shrink-0" /> {t('Choose folder')}
        </button>
        <input
          ref={folderInput}
          type="file"
          {...{ webkitdirectory: '' }}
          aria-label={t('Folder of photos')}
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => give(event.target, folderFiles)}
        />
        <button type="button" className={button} onClick={onSample} disabled={busy}>
          <Play size={16} aria-hidden className="shrink-0" /> {t('Sample picture')}
        </button>
        <Camera className={button} disabled={busy} onPhoto={(photo) => onFiles([photo])} />
        {running ? (
          <button type="button" className={button} onClick={onStop}>
            <Square size={16} aria-hidden className="shrink-0" /> {t('Stop')}
          </button>
        ) : (
          <button type="button" className={button} onClick={onRun} disabled={busy || !onRun}>
            <RotateCw size={16} aria-hidden className="shrink-0" /> {fresh ? t('Run it') : t('Run again')}
          </button>
        )}
        <DropdownMenu.Root modal={false}>
          <DropdownMenu.Trigger className={button} disabled={!embedding}>
            <Download size={16} aria-hidden className="shrink-0" /> {t('Embedding')}
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content
              sideOffset={4}
              className="z-10 min-w-40 rounded-md border border-line bg-card p-1 shadow-lg"
            >
              {embeddingKinds.map((kind) => (
                <DropdownMenu.Item
                  key={kind}
                  className="rounded px-2 py-1.5 text-sm outline-none data-highlighted:bg-page"
                  onSelect={() => embedding && downloadEmbedding(kind, sourceName(source), embedding)}
                >
                  {kind === 'npy' ? t('.npy for NumPy') : t('.json, names its space')}
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      </div>
      {onAddress && <AddressForm busy={busy} onAddress={onAddress} />}
      {children}
      {download && (
        <div className="space-y-1.5">
          <Bar label={t('All weights')} received={download.allReceived} bytes={download.allBytes} className="h-1.5" />
          <Bar label={download.file} received={download.received} bytes={download.bytes} className="h-0.5" />
        </div>
      )}
      <p className="min-h-5 font-mono text-xs text-quiet" data-testid="progress">
        {progress}
      </p>
      {problem && (
        <p role="alert" className="rounded-md border border-danger p-3 text-sm text-danger" data-testid="problem">
          <ProblemText of={problem} />
        </p>
      )}
    </section>
  );
}

/** How much of a download has arrived. */
function Bar({
  label,
  received,
  bytes,
  className,
}: {
  label: string;
  received: number;
  bytes: number;
  className: string;
}) {
  const percent = bytes ? Math.floor((100 * received) / bytes) : 0;
  return (
    <Progress.Root value={percent} aria-label={label} className={`${className} overflow-hidden rounded-full bg-line`}>
      <Progress.Indicator className="h-full bg-accent" style={{ width: `${percent}%` }} />
    </Progress.Root>
  );
}
