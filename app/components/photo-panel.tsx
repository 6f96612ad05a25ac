'use client';
import { ImagePlus, Play, RotateCw, Square } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';

type Props = {
  picture?: { url: string; width?: number; height?: number };
  running: boolean;
  busy: boolean;
  problem?: string;
  fileInput: RefObject<HTMLInputElement | null>;
  onFile: (file: File) => void;
  onSample: () => void;
  onAgain?: () => void;
  onStop: () => void;
  /** What is happening, in words. */
  progress: string;
  /** The comparison was saved without its picture. */
  withheld: boolean;
  /** No lane runs on the server: the photo stays in this browser. */
  stays: boolean;
  children?: ReactNode;
};

/** The photo and what can be done with it. */
export function PhotoPanel({ picture, running, busy, problem, fileInput, onFile, onSample, onAgain, onStop, progress, withheld, stays, children }: Props) {
  const button = 'flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm disabled:opacity-60';
  return (
    <section aria-label="Photo" className="space-y-3">
      <div className="grid aspect-[4/3] place-items-center overflow-hidden rounded-lg border border-dashed border-line bg-card">
        {picture ? (
          // The server sizes it, and a photo of the person's own gains nothing from Next's optimiser.
          // eslint-disable-next-line @next/next/no-img-element
          <img src={picture.url} alt="The photo that is described" className="size-full object-contain" data-testid="photo" />
        ) : (
          <p className="px-6 text-center text-sm text-quiet">
            {withheld && (
              <>
                The picture of this comparison stayed in the browser that made it.
                <br />
              </>
            )}
            Drop a photo anywhere, paste one, or choose a file.
            <br />
            {stays ? 'It stays in this browser.' : 'It goes to this studio’s own server and nowhere else.'}
          </p>
        )}
      </div>
      <div className="flex flex-wrap gap-2">
        <button type="button" className={`${button} border-accent font-medium`} onClick={() => fileInput.current?.click()} disabled={busy}>
          <ImagePlus size={16} aria-hidden /> Choose a photo
        </button>
        <input
          ref={fileInput}
          type="file"
          accept="image/*"
          aria-label="Photo file"
          tabIndex={-1}
          className="sr-only"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = '';
            if (file) onFile(file);
          }}
        />
        <button type="button" className={button} onClick={onSample} disabled={busy}>
          <Play size={16} aria-hidden /> Sample picture
        </button>
        {running ? (
          <button type="button" className={button} onClick={onStop}>
            <Square size={16} aria-hidden /> Stop
          </button>
        ) : (
          onAgain && (
            <button type="button" className={button} onClick={onAgain} disabled={busy}>
              <RotateCw size={16} aria-hidden /> Run again
            </button>
          )
        )}
      </div>
      {children}
      <p className="min-h-5 font-mono text-xs text-quiet" data-testid="progress">
        {progress}
      </p>
      {problem && (
        <p role="alert" className="rounded-md border border-danger p-3 text-sm text-danger" data-testid="problem">
          {problem}
        </p>
      )}
    </section>
  );
}
