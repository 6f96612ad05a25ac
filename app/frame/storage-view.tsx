'use client';
import { HardDrive } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useCallback, useState } from 'react';
import { StudioError } from '@/models/errors';
import { msg } from '../languages/msg';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { type LoadedFamily, loadedFamilies, unloadFamilies } from '../engine/client';
import { deleteStored, storedFiles } from '../engine/weight-store';
import { forgetLocal, type LocalComparison, localComparisons, localName } from '../comparisons/local-comparisons';

type Shown = {
  weights: { files: number; partial: number; bytes: number };
  comparisons: LocalComparison[];
  loaded: LoadedFamily[];
  usage?: number;
  quota?: number;
};

/** What this browser keeps: weights and comparisons, with a way to delete them. */
export function StorageView() {
  const { t } = useTranslation();
  const { fixed, moment } = useNumbers();
  // Small ones with a digit after the point, so that what a deletion gave back is seen.
  const megabytes = (bytes: number) => (bytes >= 1e9 ? `${fixed(bytes / 1e9, 1)} GB` : `${fixed(bytes / 1e6, 1)} MB`);
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const [problem, setProblem] = useState<Problem>();
  const read = useCallback(async () => {
    try {
      const [files, comparisons, estimate] = await Promise.all([
        storedFiles(),
        localComparisons(),
        navigator.storage.estimate(),
      ]);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      setShown({
        weights: { files: files.length, partial: files.filter(({ partial }) => partial).length, bytes },
        comparisons: comparisons.filter(({ deletedAt }) => deletedAt === undefined),
        loaded: loadedFamilies(),
        usage: estimate.usage,
        quota: estimate.quota,
      });
    } catch (error) {
      setProblem({
        message: msg('This browser’s storage cannot be read: {{why}}'),
        values: { why: StudioError.from(error).message },
      });
    }
  }, []);
  const button = 'rounded-md border border-line px-2.5 py-1 text-sm disabled:opacity-60';
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(opened) => {
        setOpen(opened);
        if (opened) void read();
      }}
    >
      <Dialog.Trigger
        className="rounded-md border border-line p-1.5"
        aria-label={t('Storage of this browser')}
        title={t('Storage of this browser')}
      >
        <HardDrive size={16} aria-hidden />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          data-testid="storage"
          className="fixed top-16 left-1/2 z-40 max-h-[80dvh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 shadow-lg"
        >
          <Dialog.Title className="mb-3 font-semibold">{t('Kept in this browser')}</Dialog.Title>
          {problem && (
            <p role="alert" className="mb-3 text-sm text-danger">
              <ProblemText of={problem} />
            </p>
          )}
          {!shown && !problem && <p className="text-sm text-quiet">{t('Reading …')}</p>}
          {shown && (
            <div className="space-y-5 text-sm">
              <section className="flex flex-wrap items-start gap-3">
                <p className="mr-auto min-w-0 flex-1 basis-52">
                  <span className="block font-medium">{t('Weights')}</span>
                  <span className="text-quiet" data-testid="stored-weights">
                    {shown.weights.files
                      ? [
                          t('{{count}} files', { count: shown.weights.files }),
                          megabytes(shown.weights.bytes),
                          ...(shown.weights.partial
                            ? [t('{{count}} not yet whole', { count: shown.weights.partial })]
                            : []),
                        ].join(', ')
                      : t('None. They are downloaded when a lane first runs in this browser.')}
                  </span>
                </p>
                <button
                  type="button"
                  className={button}
                  disabled={!shown.weights.files}
                  onClick={() => {
                    unloadFamilies();
                    void deleteStored().then(read);
                  }}
                >
                  {t('Delete weights')}
                </button>
              </section>
              {shown.loaded.map(({ family, device, precision, busy }) => (
                <section
                  key={`${family} ${device} ${precision}`}
                  className="flex flex-wrap items-start gap-3"
                  data-testid="loaded-family"
                >
                  <p className="mr-auto min-w-0 flex-1 basis-52">
                    <span className="block font-medium">{t('In memory')}</span>
                    <span className="text-quiet">
                      {t('{{family}} on {{device}}', { family, device: device === 'webgpu' ? 'WebGPU' : 'WASM' })},{' '}
                      {precision}, {busy ? t('at work') : t('ready for the next photo')}
                    </span>
                  </p>
                  <button
                    type="button"
                    className={button}
                    disabled={busy}
                    title={
                      busy
                        ? t('It can be unloaded when its lanes are done')
                        : t('Gives its memory back; the next lane here loads it again')
                    }
                    onClick={() => {
                      unloadFamilies(family);
                      void read();
                    }}
                  >
                    {t('Unload')}
                  </button>
                </section>
              ))}
              <section>
                <h3 className="font-medium">{t('Comparisons')}</h3>
                {!shown.comparisons.length && (
                  <p className="text-quiet">
                    {t('None. Those that ran in this browser are listed here; nobody else can see them.')}
                  </p>
                )}
                <ul className="divide-y divide-line">
                  {shown.comparisons.map((comparison) => {
                    const { id, createdAt, runs } = comparison;
                    const name = localName(comparison, t);
                    return (
                      <li key={id} className="flex items-center gap-3 py-1.5">
                        <a href={`/local?id=${id}`} className="mr-auto min-w-0 truncate underline">
                          {name}{' '}
                          <span className="text-quiet">
                            {moment(new Date(createdAt))},{' '}
                            {t('{{count}} lanes', { count: runs.reduce((sum, run) => sum + run.lanes.length, 0) })}
                          </span>
                        </a>
                        <button
                          type="button"
                          className={button}
                          aria-label={t('Delete the comparison of {{name}}', { name })}
                          onClick={() => void forgetLocal(id).then(read)}
                        >
                          {t('Delete')}
                        </button>
                      </li>
                    );
                  })}
                </ul>
              </section>
              {shown.usage !== undefined && shown.quota !== undefined && (
                <p className="text-quiet">
                  {t('In all {{used}} of the {{allowed}} that the browser allows this studio.', {
                    used: megabytes(shown.usage),
                    allowed: megabytes(shown.quota),
                  })}
                </p>
              )}
            </div>
          )}
          <Dialog.Close className="mt-5 rounded-md border border-line px-3 py-1.5 text-sm">{t('Close')}</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
