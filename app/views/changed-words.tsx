import { useTranslation } from '../languages/use-translation';
import { type WordChange, wordChanges } from './word-changes';

const marks = { added: { Mark: 'ins', sign: '+' }, gone: { Mark: 'del', sign: '−' } } as const;

/**
 * What a lane says since its run before, word by word: what came with a plus, what went struck out. Nothing where the
 * caption is the same: `same` says so, if it is given.
 */
export function WordChanges({ before, after, same }: { before: string; after: string; same?: string }) {
  const { t } = useTranslation();
  const changes = wordChanges(before, after).filter(
    (change): change is WordChange & { kind: 'added' | 'gone' } => change.kind !== 'same',
  );
  if (!changes.length) return same ? <span className="v-changes v-quiet">{same}</span> : null;
  return (
    <span className="v-changes">
      <span className="v-hidden">{t('Against its run before:')}</span>
      {changes.map(({ text, kind }, i) => {
        const { Mark, sign } = marks[kind];
        return (
          <Mark key={i} lang="en">
            <span aria-hidden>{sign}</span>
            <span className="v-hidden">{kind === 'added' ? t('added') : t('gone')} </span>
            {text}
          </Mark>
        );
      })}
    </span>
  );
}
