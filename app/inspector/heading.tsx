import { ChevronsLeftRight } from 'lucide-react';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { isFinal, type LaneFilm, shownTokens } from '../views/film';
import { LaneMark } from '../views/lane-mark';
import { laneTitle } from '../views/looks';

type Props = {
  lanes: readonly LaneFilm[];
  lane: LaneFilm;
  word?: number;
  onLane: (id: string) => void;
  /** Undefined where there is one width. */ wide?: boolean;
  onWide: (wide: boolean) => void;
};

/** What is looked into, and the way to another lane. */
export function Heading({ lanes, lane, word, onLane, wide, onWide }: Props) {
  const { t } = useTranslation();
  const token = word === undefined ? undefined : shownTokens(lane)[word];
  return (
    <header className="v-inspector-head">
      <LaneMark decoder={lane.decoder} />
      <select
        className="v-inspector-lane"
        aria-label={t('Lane that is looked into')}
        value={lane.id}
        onChange={(event) => onLane(event.target.value)}
      >
        {(lanes.some(({ id }) => id === lane.id) ? lanes : [...lanes, lane]).map((each) => (
          <option key={each.id} value={each.id}>
            {laneTitle(each)}
          </option>
        ))}
      </select>
      {token && (
        <span className="v-inspector-word">
          · {token.end ? t('■ end') : <span lang="en">“{token.text.trim() || '␣'}”</span>}
        </span>
      )}
      {wide !== undefined && (
        <button
          type="button"
          className="v-inspector-wide"
          aria-pressed={wide}
          aria-label={t('Wide')}
          title={wide ? t('As narrow as before') : t('Twice as wide')}
          onClick={() => onWide(!wide)}
        >
          <ChevronsLeftRight size={15} aria-hidden />
        </button>
      )}
    </header>
  );
}

/** For those who hear the page: what stands in the inspector of the word that was just selected. */
export function Said({ lane, word }: { lane: LaneFilm; word?: number }) {
  const { t } = useTranslation();
  const { percent } = useNumbers();
  const token = word === undefined || !isFinal(lane.status) ? undefined : shownTokens(lane)[word];
  const others = token?.alternatives.filter(({ id, text }) => id !== token.id && text.trim()).slice(0, 3) ?? [];
  return (
    <p role="status" className="v-hidden">
      {token && others.length > 0
        ? t('Instead of {{word}}: {{others}}. Enter goes there.', {
            word: token.end ? t('the end') : token.text.trim(),
            others: others.map(({ text, logProb }) => `${text.trim()} ${percent(Math.exp(logProb))}`).join(', '),
          })
        : ''}
    </p>
  );
}
