'use client';
import { Save } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { ProblemText } from '../languages/problem';
import type { Problem } from '../languages/problem-text';
import { Sentence } from '../languages/sentence';
import { useTranslation } from '../languages/use-translation';
import { problemOf } from '../client/client';
import { type Address, pathOf } from './address';
import type { SaveChoice, SaveOffer } from './save-local';
import { DialogActions } from '../controls/dialog-actions';

const Link = ({ href }: { href: string }) => (
  <a href={href} className="underline">
    {href}
  </a>
);

/**
 * Sends a comparison of this browser to the studio's server, after listing what will go. Pixels and embedding only by
 * choice.
 */
export function SaveDialog({ offer, onSave }: { offer: SaveOffer; onSave: (choice: SaveChoice) => Promise<Address> }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [choice, setChoice] = useState<SaveChoice>({ picture: false, embedding: false });
  const [saving, setSaving] = useState(false);
  const [address, setAddress] = useState<Address>();
  const [problem, setProblem] = useState<Problem>();
  const known = address ?? offer.saved;
  const lanes = offer.lanes.map((lane) => t('{{decoder}} on {{device}}', lane));
  const more = [
    offer.title && t('its title'),
    offer.references && t('your reference captions'),
    offer.ratings && t('your ratings'),
    offer.said && t('your own captions'),
  ].filter(Boolean);
  const box = 'mt-0.5 size-4 accent-(--accent)';

  const save = async () => {
    setSaving(true);
    setProblem(undefined);
    try {
      setAddress(await onSave(choice));
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setSaving(false);
    }
  };
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className="flex items-center gap-1.5 rounded-md border border-line bg-card px-3 py-1.5 text-sm">
        <Save size={16} aria-hidden /> {known ? t('Saved') : t('Save …')}
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-30 bg-black/40" />
        <Dialog.Content className="fixed top-16 left-1/2 z-40 max-h-[80dvh] w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 overflow-auto rounded-lg border border-line bg-card p-5 text-sm shadow-lg">
          <Dialog.Title className="font-semibold">{t('Save to the studio')}</Dialog.Title>
          <Dialog.Description className="mt-1 mb-3 text-quiet">
            {t('So far this comparison is in this browser alone. This will be sent to the studio’s server:')}
          </Dialog.Description>
          <ul className="mb-3 list-disc space-y-0.5 pl-5">
            <li>
              {t('the captions with their steps and numbers')} ({lanes.join(', ')})
            </li>
            <li>{t('device, precision and the version of the weights')}</li>
            {more.length > 0 && <li>{more.join(', ')}</li>}
          </ul>
          {offer.photo && (
            <label className="flex gap-2">
              <input
                type="checkbox"
                className={box}
                checked={choice.picture}
                onChange={(event) => setChoice({ ...choice, picture: event.target.checked })}
              />
              <span>
                {t('the picture')}{' '}
                <span className="text-quiet">
                  ({offer.photo.name}, {offer.photo.width} × {offer.photo.height}; {t('without its metadata')})
                </span>
              </span>
            </label>
          )}
          {offer.values && (
            <label className="mt-1.5 flex gap-2">
              <input
                type="checkbox"
                className={box}
                checked={choice.embedding}
                onChange={(event) => setChoice({ ...choice, embedding: event.target.checked })}
              />
              <span>
                {t('the embedding')}{' '}
                <span className="text-quiet">
                  ({t('{{count}} numbers; much of what the picture shows can be read from it', { count: offer.values })}
                  )
                </span>
              </span>
            </label>
          )}
          {problem && (
            <p role="alert" className="mt-3 rounded-md border border-danger p-2 text-danger">
              <ProblemText of={problem} />
            </p>
          )}
          {known && (
            <p className="mt-3" role="status">
              <Sentence
                says="Saved. It can be opened at <address/>."
                parts={{ address: <Link href={pathOf(known)} /> }}
              />
            </p>
          )}
          <DialogActions disabled={saving || known !== undefined} onGo={() => void save()}>
            {saving ? t('Saving …') : t('Save')}
          </DialogActions>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
