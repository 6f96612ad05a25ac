import { Check, Pencil, Trash2, UserRound } from 'lucide-react';
import { type FormEvent, useEffect, useId, useRef } from 'react';
import { CopyButton } from '../controls/copy-button';
import { useNumbers } from '../languages/numbers';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { laneTitle } from '../views/looks';
import type { Draft, usePerson } from './person';

type Props = {
  person: ReturnType<typeof usePerson>;
  /** The lanes that captions may be made of. */
  lanes: readonly { id: string; decoder: string; options?: Record<string, unknown> }[];
};

/** What a person says of the photo, in lines of their own, with who said it and when. */
export function PersonSaid({ person, lanes }: Props) {
  const { t } = useTranslation();
  const { moment } = useNumbers();
  const { said, draft, problem } = person;
  if (!said.length && !draft && !problem) return null;
  const titleOf = (id: string) => laneTitle(lanes.find((lane) => lane.id === id) ?? { id, decoder: id });
  return (
    <section aria-label={t('Your captions')} className="v-lines" data-testid="person">
      <ul>
        {said.map((one) => (
          <li
            key={one.id}
            data-testid="person-caption"
            className="v-line flex flex-wrap items-center gap-x-3 gap-y-1"
            style={{ '--hue': 'var(--ink)' } as React.CSSProperties}
          >
            <UserRound size={16} aria-hidden className="shrink-0" />
            <span dir="auto" className="min-w-0 flex-1 basis-60 [overflow-wrap:anywhere]">
              {one.text}
            </span>
            <span className="inline-flex items-center gap-1 text-xs text-quiet">
              {one.own ? <Pencil size={12} aria-hidden /> : <Check size={12} aria-hidden />}
              {!one.own
                ? t('accepted, {{lane}}', { lane: titleOf(one.lane ?? '') })
                : one.lane
                  ? t('own, made of {{lane}}', { lane: titleOf(one.lane) })
                  : t('own')}
              {' · '}
              {one.by} · <time dateTime={one.at}>{moment(new Date(one.at))}</time>
            </span>
            <span className="flex">
              <CopyButton className={icon} label={t('Copy what you say')} text={one.text} />
              <button
                type="button"
                className={icon}
                aria-label={t('Edit “{{caption}}”', { caption: one.text })}
                onClick={() => person.write({ text: one.text, id: one.id, ...(one.lane ? { lane: one.lane } : {}) })}
              >
                <Pencil size={14} aria-hidden />
              </button>
              <button
                type="button"
                className={icon}
                aria-label={t('Take back “{{caption}}”', { caption: one.text })}
                onClick={() => {
                  person.takeBack(one.id);
                  // The button goes with its line.
                  document.getElementById('lanes')?.focus();
                }}
              >
                <Trash2 size={14} aria-hidden />
              </button>
            </span>
          </li>
        ))}
      </ul>
      {draft && <Writing key={`${draft.id ?? ''} ${draft.lane ?? ''}`} draft={draft} person={person} />}
      {problem && (
        <p role="alert" className="v-error px-3 py-1">
          <ProblemText of={problem} />
        </p>
      )}
    </section>
  );
}

const icon = 'grid size-6 place-items-center rounded text-quiet hover:text-ink';

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
    <form className="flex flex-wrap items-end gap-2 border-t border-line p-2" onSubmit={save}>
      <label htmlFor={id} className="min-w-0 flex-1 basis-60 text-xs text-quiet">
        {t('Your caption')}
        <textarea
          ref={field}
          id={id}
          dir="auto"
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
      <button type="submit" className="v-button">
        <Check size={14} aria-hidden /> {t('Keep')}
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
