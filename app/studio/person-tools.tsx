import { Pencil, Trash2 } from 'lucide-react';
import { CopyButton } from '../controls/copy-button';
import { useTranslation } from '../languages/use-translation';
import type { Said } from '../lines/columns';
import type { usePerson } from './person';

/** What can be done with a caption of the person's. */
export function PersonTools({
  said: { id, text, lane },
  person,
}: {
  said: Said;
  person: Pick<ReturnType<typeof usePerson>, 'write' | 'takeBack'>;
}) {
  const { t } = useTranslation();
  return (
    <>
      <button
        type="button"
        className="v-line-tool"
        aria-label={t('Edit “{{caption}}”', { caption: text })}
        onClick={() => person.write({ text, id, ...(lane ? { lane } : {}) })}
      >
        <Pencil size={14} aria-hidden />
      </button>
      <button
        type="button"
        className="v-line-tool"
        aria-label={t('Take back “{{caption}}”', { caption: text })}
        onClick={() => {
          person.takeBack(id);
          // The button goes with its line.
          document.getElementById('lanes')?.focus();
        }}
      >
        <Trash2 size={14} aria-hidden />
      </button>
      <CopyButton className="v-line-tool" label={t('Copy what you say')} text={text} />
    </>
  );
}
