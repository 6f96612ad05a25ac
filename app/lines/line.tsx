import { GitBranch } from 'lucide-react';
import type { ReactNode } from 'react';
import { isBranch } from '@/kept/ratings';
import { CopyButton } from '../controls/copy-button';
import { ProblemText } from '../languages/problem';
import { useTranslation } from '../languages/use-translation';
import { CaptionTokens } from '../views/caption-tokens';
import { endOf, type LaneFilm } from '../views/film';
import { LaneMark } from '../views/lane-mark';
import { decoderLook, laneTitle } from '../views/looks';
import type { WordMark } from '../views/words';
import type { Column, Line as Told } from './columns';
import { LineNotes } from './line-notes';
import { LineNumbers } from './line-numbers';
import { LineState, placeholder, stateOf } from './line-state';
import { SharedWords } from './shared-words';

export type LineProps = {
  /** What the lane is; `told` is what it did, once it has begun. */
  lane: { id: string; decoder: string; options?: Record<string, unknown> };
  told?: Told;
  title?: string;
  columns: readonly Column[];
  /** The columns that it leads, by key. */
  best?: ReadonlySet<string>;
  /** The lane before it that says the same. */
  equal?: string;
  /** Its words by how many of how many captions say each, where that is asked for. */
  marks?: { words: readonly WordMark[]; of: number };
  /** The letter that it had while its name was hidden. */
  was?: string;
  focused?: boolean;
  /** The word of it that is looked into. */
  word?: number;
  /** The lane is looked into, or a word of its caption. */
  onSelect?: (word?: number) => void;
  /** Stars. */
  rating?: ReactNode;
  /** What can be done with its caption, beside copying it. */
  tools?: ReactNode;
  /** What can be done with the lane. */
  menu?: ReactNode;
  /** Where there is no caption: the one action that helps. */
  remedy?: ReactNode;
  /** Below the caption. */
  children?: ReactNode;
};

/**
 * A lane as a line: whose it is, how it stands and its numbers; its caption in full width below. Room is kept for two
 * lines of words, so that nothing moves while they arrive.
 */
export function Line(props: LineProps) {
  const { lane, told, title = laneTitle(lane), columns, best, equal, was, focused, onSelect, rating, menu } = props;
  const { t } = useTranslation();
  const film = told?.lane;
  const result = film && endOf(film);
  const said = result?.caption || film?.caption;
  return (
    <div
      role="row"
      data-testid={`lane-${lane.id}`}
      data-status={stateOf(film)}
      data-focused={focused ? '' : undefined}
      className="v-line"
      style={{ '--hue': decoderLook(lane.decoder).color } as React.CSSProperties}
      tabIndex={-1}
      onPointerDown={onSelect && (() => onSelect())}
      onFocus={onSelect && (() => onSelect())}
    >
      <div className="v-line-top">
        <div role="rowheader" className="v-line-name" title={title}>
          <LaneMark decoder={lane.decoder} />
          <h2>{title}</h2>
          {isBranch(film?.options ?? lane.options) && (
            <span className="v-line-branch" title={t('It goes on from words that a person chose.')}>
              <GitBranch size={12} aria-hidden />
              {t('branch')}
            </span>
          )}
          {was && <span className="v-line-was">{t('was {{letter}}', { letter: was })}</span>}
        </div>
        <div role="cell" className="v-line-state" data-testid="state">
          <LineState film={film} equal={equal} />
        </div>
        <LineNumbers told={told} columns={columns} best={best} />
        <div role="cell" className="v-line-menu">
          {menu}
        </div>
      </div>
      <div className="v-line-body">
        <div role="cell" className="v-line-said">
          <Said {...props} />
          {result && <LineNotes film={film} result={result} />}
          {props.children}
        </div>
        <div role="cell" className="v-line-tools">
          {rating}
          {props.tools}
          {said && <CopyButton className="v-line-tool" label={t('Copy what {{title}} says', { title })} text={said} />}
        </div>
      </div>
    </div>
  );
}

/** The caption, or what stands in its place. */
function Said({ told, marks, word, onSelect, remedy }: LineProps) {
  const { t } = useTranslation();
  const film = told?.lane;
  const streams = film?.status === 'running' && film.caption;
  const idea = film && placeholder(film);
  return (
    <>
      <div data-testid="caption" className={`v-caption${streams ? ' v-caret' : ''}`}>
        {film?.caption ? (
          marks && !film.replay ? (
            <SharedWords marks={marks.words} of={marks.of} />
          ) : (
            <CaptionTokens lane={film} selected={word} onSelect={onSelect} />
          )
        ) : (
          idea && <span className="v-idea">{t(idea)}</span>
        )}
      </div>
      {film?.error && film.status === 'failed' && <Failure film={film} remedy={remedy} />}
      {(!film || film.status === 'stopped' || film.status === 'interrupted') && remedy}
    </>
  );
}

function Failure({ film, remedy }: { film: LaneFilm; remedy: ReactNode }) {
  return (
    <div role="alert" className="v-error">
      <span>
        <ProblemText of={film.error!} />
      </span>{' '}
      {remedy}
    </div>
  );
}
