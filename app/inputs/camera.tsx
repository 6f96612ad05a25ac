'use client';
import { Camera as Icon } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useCallback, useEffect, useRef, useState } from 'react';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';

/**
 * A photo from the camera. The picture stays in this dialog until it is taken; the camera is off again when it closes.
 */
export function Camera({
  className,
  disabled,
  onPhoto,
}: {
  className: string;
  disabled: boolean;
  onPhoto: (photo: File) => void;
}) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className={className} disabled={disabled}>
        <Icon size={16} aria-hidden /> {t('Camera')}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-12 left-1/2 z-40 max-h-[85dvh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 shadow-lg"
        >
          <Dialog.Title className="mb-3 font-semibold">{t('A photo from the camera')}</Dialog.Title>
          <Viewfinder
            onPhoto={(photo) => {
              setOpen(false);
              onPhoto(photo);
            }}
          />
          <Dialog.Close className="mt-3 rounded-md border border-line px-3 py-1.5 text-sm">{t('Close')}</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Viewfinder({ onPhoto }: { onPhoto: (photo: File) => void }) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState<string>();
  const [ready, setReady] = useState(false);
  useEffect(() => {
    let gone = false;
    let stream: MediaStream | undefined;
    const off = () => stream?.getTracks().forEach((track) => track.stop());
    void (async () => {
      try {
        // Browsers give a camera to secure pages only: this machine, or https.
        if (!navigator.mediaDevices) throw new DOMException('', 'NotSupportedError');
        stream = await navigator.mediaDevices.getUserMedia({
          video: { facingMode: 'environment', width: { ideal: 1280 } },
        });
        if (gone || !video.current) return off();
        video.current.srcObject = stream;
        await video.current.play();
      } catch (error) {
        if (!gone) setProblem(cameraProblem(error));
      }
    })();
    return () => {
      gone = true;
      off();
    };
  }, []);
  const take = useCallback(() => {
    const from = video.current!;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [from.videoWidth, from.videoHeight];
    canvas.getContext('2d')!.drawImage(from, 0, 0);
    canvas.toBlob(
      (blob) =>
        blob
          ? onPhoto(new File([blob], `camera ${new Date().toLocaleTimeString()}.jpg`, { type: 'image/jpeg' }))
          : setProblem(msg('The camera gave no picture. Try again.')),
      'image/jpeg',
      0.95,
    );
  }, [onPhoto]);
  if (problem)
    return (
      <p role="alert" className="text-sm text-danger">
        {t(problem)}
      </p>
    );
  return (
    <div className="space-y-3">
      <video
        ref={video}
        muted
        playsInline
        onPlaying={() => setReady(true)}
        aria-label={t('What the camera sees')}
        className="aspect-[4/3] w-full rounded bg-page object-contain"
      />
      <button
        type="button"
        disabled={!ready}
        onClick={take}
        className="rounded-md border border-accent px-3 py-1.5 text-sm font-medium disabled:opacity-60"
      >
        {ready ? t('Take the photo') : t('Waiting for the camera …')}
      </button>
    </div>
  );
}

function cameraProblem(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError')
    return msg(
      'The browser may not use the camera here. Allow it beside the address, then open this again; or choose a photo.',
    );
  if (name === 'NotFoundError' || name === 'OverconstrainedError')
    return msg('There is no camera. Choose a photo instead.');
  if (name === 'NotSupportedError')
    return msg('This browser gives a camera only to pages of this machine or over https. Choose a photo instead.');
  return msg('The camera cannot be read; perhaps another program uses it. Close that, then open this again.');
}
