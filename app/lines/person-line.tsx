import { Check, Pencil, UserRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNumbers } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import type { Column, SaidLine } from './columns';
import { LineNumbers } from './line-numbers';

type Props = {
  told: SaidLine;
  /** Whose words they are. */
  title: string;
  /** What the lane is called that they were taken from. */
  from: (lane: string) => string;
  columns: readonly Column[];
  /** The columns that it leads, by key. */
  best?: ReadonlySet<string>;
  /** What can be done with it. */
  tools?: ReactNode;
};

/** What a person says of the photo as a line among the lanes': of no decoder, scored by the same space. */
export function PersonLine({ told, title, from, columns, best, tools }: Props) {
  const { t } = useTranslation();
  const { moment } = useNumbers();
  const { text, own, lane, score, by, at } = told.said;
  const Sign = own ? Pencil : Check;
  return (
    <div
      role="row"
      data-testid="person-caption"
      className="v-line v-line-person"
      style={{ '--hue': 'var(--ink)' } as React.CSSProperties}
      tabIndex={-1}
    >
      <div className="v-line-top">
        <div role="rowheader" className="v-line-name">
          <span aria-hidden className="v-mark v-mark-person">
            <UserRound size={13} />
          </span>
          <h2>{title}</h2>
        </div>
        <div role="cell" className="v-line-state">
          <span className="v-line-state-word">
            <Sign size={13} aria-hidden />
            {!own
              ? t('accepted, {{lane}}', { lane: from(lane ?? '') })
              : lane
                ? t('own, made of {{lane}}', { lane: from(lane) })
                : t('own')}
          </span>
          <span className="v-line-device">
            {by && `${by} · `}
            <time dateTime={at}>{moment(new Date(at))}</time>
          </span>
        </div>
        <LineNumbers told={told} columns={columns} best={best} />
        <div role="cell" className="v-line-menu" />
      </div>
      <div className="v-line-body">
        <div role="cell" className="v-line-said">
          <div dir="auto" className="v-caption" data-testid="person-text">
            {text}
          </div>
          {score?.cut && (
            <div className="v-line-notes">
              {t('It is longer than the space reads: the cosine is of its beginning.')}
            </div>
          )}
        </div>
        <div role="cell" className="v-line-tools">
          {tools}
        </div>
      </div>
    </div>
  );
}
