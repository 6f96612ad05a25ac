'use client';
import { Keyboard } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
import { isSwitchedOff, useSingleKeys } from './single-keys';

const keys: [key: string, what: string][] = [
  ['O', msg('choose photos')],
  [msg('Ctrl V', 'key'), msg('paste a photo')],
  ['S', msg('use the sample picture')],
  [msg('Enter or R', 'key'), msg('run all lanes')],
  [msg('Esc', 'key'), msg('stop')],
  ['1 … 9', msg('go to a lane')],
  ['↑ ↓', msg('from lane to lane')],
  ['← →', msg('words of its caption')],
  [msg('Enter', 'key'), msg('on a word: to its alternatives')],
  ['↑ ↓', msg('alternatives to a word')],
  [msg('Enter', 'key'), msg('on an alternative: continue from there')],
  [msg('Esc', 'key'), msg('back to the word')],
  ['← → ↓ ↑', msg('in the tree of beams: steps and candidates')],
  ['G', msg('run the lane in focus alone')],
  ['D', msg('duplicate it')],
  ['[ ]', msg('move it')],
  [msg('Delete', 'key'), msg('remove it')],
  ['V', msg('go to its stars')],
  ['1 … 5', msg('on the stars: rate; the same again clears')],
  ['B', msg('hide the names of the lanes, or reveal them')],
  [msg('Space', 'key'), msg('play or pause the replay')],
  ['/', msg('search the history')],
  ['?', msg('this list')],
];

export function Shortcuts() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const { on, setOn } = useSingleKeys();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === '?' && !isTyping(event) && !isSwitchedOff(event)) setOpen(true);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger
        className="rounded-md border border-line p-1.5"
        aria-label={t('Keyboard shortcuts')}
        title={t('Keyboard shortcuts (?)')}
      >
        <Keyboard size={16} aria-hidden />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-12 left-1/2 z-40 max-h-[85dvh] w-[min(24rem,calc(100vw-2rem))] overflow-auto -translate-x-1/2 rounded-lg border border-line bg-card p-5 shadow-lg"
        >
          <Dialog.Title className="mb-3 font-semibold">{t('Keyboard')}</Dialog.Title>
          <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-2 text-sm">
            {keys.map(([key, what]) => (
              <div key={what} className="contents">
                <dt>
                  <kbd className="rounded border border-line px-1.5 py-0.5 font-mono text-xs">
                    {t(key, { context: 'key' })}
                  </kbd>
                </dt>
                <dd>{t(what)}</dd>
              </div>
            ))}
          </dl>
          <label className="mt-4 flex items-start gap-2 text-sm">
            <input
              type="checkbox"
              className="mt-0.5 size-4 accent-(--accent)"
              checked={on}
              onChange={(event) => setOn(event.target.checked)}
            />
            <span>
              {t('Keys that are a single character')}
              <span className="block text-xs text-quiet">
                {t('Letters, digits, brackets, / and ? do something only while this is on.')}
              </span>
            </span>
          </label>
          <Dialog.Close className="mt-4 rounded-md border border-line px-3 py-1.5 text-sm">{t('Close')}</Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Whether a key press belongs to a field that is being typed in. */
export function isTyping({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return (
    ctrlKey ||
    metaKey ||
    altKey ||
    (target instanceof HTMLElement &&
      (target.isContentEditable ||
        (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) &&
          !(target instanceof HTMLInputElement && target.type === 'radio'))))
  );
}
