import { Check } from 'lucide-react';
import { type FormEvent, useEffect, useId, useRef } from 'react';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import type { Draft, usePerson } from './person';

type Props = { person: Pick<ReturnType<typeof usePerson>, 'draft' | 'problem' | 'saving' | 'save' | 'cancel'> };

/** A caption of the person's as it is written, and why one could not be kept. */
export function PersonWriting({ person }: Props) {
  const { draft, problem } = person;
  if (!draft && !problem) return null;
  return (
    <div className="v-lines" data-testid="person-writing">
      {draft && <Writing key={`${draft.id ?? ''} ${draft.lane ?? ''}`} draft={draft} person={person} />}
      {problem && (
        <p role="alert" className="v-error px-3 py-1">
          <ProblemText of={problem} />
        </p>
      )}
    </div>
  );
}

function Writing({ draft, person }: { draft: Draft; person: Props['person'] }) {
  const { t } = useTranslation();
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useEffect(() => {
    // A menu that closes gives the focus back first.
    const timer = setTimeout(() => field.current?.focus());
    return () => clearTimeout(timer);
  }, []);
  const save = (event?: FormEvent) => {
    event?.preventDefault();
    const text = field.current?.value.trim() ?? '';
    if (text) void person.save(draft, text).then(() => document.getElementById('lanes')?.focus());
  };
  return (
    <form className="flex flex-wrap items-end gap-2 p-2" onSubmit={save}>
      <label htmlFor={id} className="min-w-0 flex-1 basis-60 text-xs text-quiet">
        {t('Your caption: it is scored as the lanes are, and is of no decoder')}
        <textarea
          ref={field}
          id={id}
          dir="auto"
          aria-label={t('Your caption')}
          rows={2}
          maxLength={500}
          required
          defaultValue={draft.text}
          className="mt-0.5 block w-full rounded border border-line bg-page px-2 py-1 text-base text-ink"
          onKeyDown={(event) => {
            if (event.key === 'Enter' && !event.shiftKey) {
              event.preventDefault();
              save();
            } else if (event.key === 'Escape') {
              event.stopPropagation();
              person.cancel();
              document.getElementById('lanes')?.focus();
            }
          }}
        />
      </label>
      <button type="submit" className="v-button" disabled={person.saving}>
        <Check size={14} aria-hidden /> {person.saving ? t('Scoring …') : t('Keep')}
      </button>
      <button
        type="button"
        className="v-button"
        onClick={() => {
          person.cancel();
          document.getElementById('lanes')?.focus();
        }}
      >
        {t('Cancel')}
      </button>
    </form>
  );
}
