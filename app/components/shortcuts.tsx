'use client';
import { Keyboard } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';

const keys = [
  ['O', 'choose photos'],
  ['Ctrl V', 'paste a photo'],
  ['S', 'use the sample picture'],
  ['Enter or R', 'run all lanes'],
  ['Esc', 'stop'],
  ['1 … 9', 'go to a lane'],
  ['← →', 'tokens of its caption'],
  ['↓ ↑', 'alternatives to a token'],
  ['Enter', 'on an alternative: continue from there'],
  ['← → ↓ ↑', 'in the tree of beams: steps and candidates'],
  ['G', 'run the lane in focus alone'],
  ['D', 'duplicate it'],
  ['[ ]', 'move it'],
  ['Delete', 'remove it'],
  ['V', 'go to its stars'],
  ['1 … 5', 'on the stars: rate; the same again clears'],
  ['B', 'hide the names of the lanes, or reveal them'],
  ['Space', 'play or pause the replay'],
  ['/', 'search the history'],
  ['?', 'this list'],
];

export function Shortcuts() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === '?' && !isTyping(event)) setOpen(true);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className="rounded-md border border-line p-1.5" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)">
        <Keyboard size={16} aria-hidden />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 bg-black/40" />
        <Dialog.Content aria-describedby={undefined} className="fixed top-12 left-1/2 max-h-[85dvh] w-[min(24rem,calc(100vw-2rem))] overflow-auto -translate-x-1/2 rounded-lg border border-line bg-card p-5 shadow-lg">
          <Dialog.Title className="mb-3 font-semibold">Keyboard</Dialog.Title>
          <dl className="grid grid-cols-[6rem_1fr] gap-y-2 text-sm">
            {keys.map(([key, what]) => (
              <div key={key} className="contents">
                <dt>
                  <kbd className="rounded border border-line px-1.5 py-0.5 font-mono text-xs">{key}</kbd>
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <Dialog.Close className="mt-4 rounded-md border border-line px-3 py-1.5 text-sm">Close</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Whether a key press belongs to a field that is being typed in. */
export function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return ctrlKey || metaKey || altKey || (target instanceof HTMLElement && (target.isContentEditable || (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) && !(target instanceof HTMLInputElement && target.type === 'radio'))));
}
