'use client';
import { HardDrive } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useCallback, useState } from 'react';
import { type LoadedFamily, loadedFamilies, unloadFamilies } from '../engine/client';
import { deleteStored, storedFiles } from '../engine/weight-store';
import { forgetLocal, type LocalComparison, localComparisons, localName } from '../lib/local-comparisons';

type Shown = { weights: { files: number; partial: number; bytes: number }; comparisons: LocalComparison[]; loaded: LoadedFamily[]; usage?: number; quota?: number };
/** Small ones with a digit after the point, so that what a deletion gave back is seen. */
const megabytes = (bytes: number) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(1)} MB`);

/** What this browser keeps: weights and comparisons, with a way to delete them. */
export function StorageView() {
  const [open, setOpen] = useState(false);
  const [shown, setShown] = useState<Shown>();
  const [problem, setProblem] = useState<string>();
  const read = useCallback(async () => {
    try {
      const [files, comparisons, estimate] = await Promise.all([storedFiles(), localComparisons(), navigator.storage.estimate()]);
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      setShown({ weights: { files: files.length, partial: files.filter(({ partial }) => partial).length, bytes }, comparisons: comparisons.filter(({ deletedAt }) => deletedAt === undefined), loaded: loadedFamilies(), usage: estimate.usage, quota: estimate.quota });
    } catch (error) {
      setProblem(`This browser's storage cannot be read: ${error instanceof Error ? error.message : String(error)}`);
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
      <Dialog.Trigger className="rounded-md border border-line p-1.5" aria-label="Storage of this browser" title="Storage of this browser">
        <HardDrive size={16} aria-hidden />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 bg-black/40" />
        <Dialog.Content aria-describedby={undefined} data-testid="storage" className="fixed top-16 left-1/2 max-h-[80dvh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 shadow-lg">
          <Dialog.Title className="mb-3 font-semibold">Kept in this browser</Dialog.Title>
          {problem && <p role="alert" className="mb-3 text-sm text-danger">{problem}</p>}
          {!shown && !problem && <p className="text-sm text-quiet">Reading …</p>}
          {shown && (
            <div className="space-y-5 text-sm">
              <section className="flex flex-wrap items-start gap-3">
                <p className="mr-auto min-w-0 flex-1 basis-52">
                  <span className="block font-medium">Weights</span>
                  <span className="text-quiet" data-testid="stored-weights">
                    {shown.weights.files ? `${shown.weights.files} files, ${megabytes(shown.weights.bytes)}${shown.weights.partial ? `, ${shown.weights.partial} not yet whole` : ''}` : 'None. They are downloaded when a lane first runs in this browser.'}
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
                  Delete weights
                </button>
              </section>
              {shown.loaded.map(({ family, device, precision, busy }) => (
                <section key={`${family} ${device} ${precision}`} className="flex flex-wrap items-start gap-3" data-testid="loaded-family">
                  <p className="mr-auto min-w-0 flex-1 basis-52">
                    <span className="block font-medium">In memory</span>
                    <span className="text-quiet">
                      {family} on {device === 'webgpu' ? 'WebGPU' : 'WASM'}, {precision}{busy ? ', at work' : ', ready for the next photo'}
                    </span>
                  </p>
                  <button
                    type="button"
                    className={button}
                    disabled={busy}
                    title={busy ? 'It can be unloaded when its lanes are done' : 'Gives its memory back; the next lane here loads it again'}
                    onClick={() => {
                      unloadFamilies(family);
                      void read();
                    }}
                  >
                    Unload
                  </button>
                </section>
              ))}
              <section>
                <h3 className="font-medium">Comparisons</h3>
                {!shown.comparisons.length && <p className="text-quiet">None. Those that ran in this browser are listed here; nobody else can see them.</p>}
                <ul className="divide-y divide-line">
                  {shown.comparisons.map((comparison) => {
                    const { id, createdAt, runs } = comparison;
                    const name = localName(comparison);
                    return (
                    <li key={id} className="flex items-center gap-3 py-1.5">
                      <a href={`/local?id=${id}`} className="mr-auto min-w-0 truncate underline">
                        {name} <span className="text-quiet">{new Date(createdAt).toLocaleString()}, {runs.reduce((sum, run) => sum + run.lanes.length, 0)} lanes</span>
                      </a>
                      <button type="button" className={button} aria-label={`Delete the comparison of ${name}`} onClick={() => void forgetLocal(id).then(read)}>
                        Delete
                      </button>
                    </li>
                    );
                  })}
                </ul>
              </section>
              {shown.usage !== undefined && shown.quota !== undefined && (
                <p className="text-quiet">
                  In all {megabytes(shown.usage)} of the {megabytes(shown.quota)} that the browser allows this studio.
                </p>
              )}
            </div>
          )}
          <Dialog.Close className="mt-5 rounded-md border border-line px-3 py-1.5 text-sm">Close</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
