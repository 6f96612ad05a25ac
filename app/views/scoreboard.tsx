import { useState } from 'react';
import type { Rating, Ratings } from '@/kept/ratings';
import { useNumbers } from '../languages/numbers';
import { msg } from '../languages/msg';
import { minus, type Numbers, numbersIn } from '../languages/numbers';
import { useTranslation } from '../languages/use-translation';
import { type LaneFilm, tokensPerSecond } from './film';
import { firstHelp, statuses, trustHelp } from './lane-face';
import { LaneName } from './lane-mark';
import { agreement, type ReferenceScores, type WordMark } from './words';

type Row = { lane: LaneFilm; scores?: ReferenceScores; rating?: Rating };
type Column = {
  key: string;
  title: string;
  help: string;
  value: (row: Row) => number | undefined;
  show: (v: number, numbers: Numbers) => string;
  best: 'high' | 'low' | undefined;
  optional?: boolean;
};

const columns: readonly Column[] = [
  {
    key: 'cos',
    title: 'cos',
    help: msg('Cosine of caption and input in the referee’s space. A lane that optimised it is not ranked by it.'),
    value: ({ lane }) => lane.result?.similarity,
    show: (v, { decimals }) => decimals(v, 3),
    best: 'high',
  },
  {
    key: 'lp',
    title: 'lp',
    help: msg(
      'Sum of the natural-log probabilities of the tokens, by the lane’s own language model: not comparable between decoders.',
    ),
    value: ({ lane }) => lane.result?.logProb,
    show: (v, { decimals }) => decimals(v, 1),
    best: undefined,
  },
  {
    key: 'tokens',
    title: msg('tokens'),
    help: msg('Tokens of the caption.'),
    value: ({ lane }) => lane.result?.tokens.length,
    show: (v) => String(v),
    best: undefined,
  },
  {
    key: 'device',
    title: msg('device'),
    help: msg('The lane’s own work on its device.'),
    value: ({ lane }) => lane.result?.deviceMs,
    show: (v, { milliseconds }) => milliseconds(v),
    best: 'low',
  },
  {
    key: 'speed',
    title: msg('tok/s'),
    help: msg('Tokens a second of device time.'),
    value: ({ lane }) => lane.result && tokensPerSecond(lane.result),
    show: (v, { fixed }) => fixed(v, 0),
    best: 'high',
  },
  {
    key: 'ciderD',
    title: 'CIDEr-D',
    help: msg('Against your references, with the document frequencies that are named below.'),
    value: ({ scores }) => scores?.ciderD,
    show: (v, { fixed }) => fixed(v, 2),
    best: 'high',
    optional: true,
  },
  {
    key: 'bleu4',
    title: 'BLEU-4',
    help: msg('Against your references. One sentence alone often has no four words in a row in common.'),
    value: ({ scores }) => scores?.bleu4,
    show: (v, { fixed }) => fixed(v, 3),
    best: 'high',
    optional: true,
  },
  {
    key: 'rougeL',
    title: 'ROUGE-L',
    help: msg('Against your references: the longest common subsequence of words.'),
    value: ({ scores }) => scores?.rougeL,
    show: (v, { fixed }) => fixed(v, 3),
    best: 'high',
    optional: true,
  },
  {
    key: 'stars',
    title: msg('stars'),
    help: msg('What a person gave the caption, of 5.'),
    value: ({ rating }) => rating?.stars,
    show: (v) => String(v),
    best: 'high',
    optional: true,
  },
];

/** All lanes by their numbers. `referee` names the one space that scores all of them. */
export function Scoreboard({
  lanes,
  scores,
  ratings,
  referee,
}: {
  lanes: readonly LaneFilm[];
  scores?: ReadonlyMap<string, ReferenceScores>;
  ratings?: Ratings;
  referee: string;
}) {
  const { t } = useTranslation();
  const numbers = useNumbers();
  const [sort, setSort] = useState<{ key: string; down: boolean }>();
  const rows: Row[] = lanes.map((lane) => ({
    lane,
    scores: scores?.get(lane.id),
    rating: lane.result && ratings?.[lane.id],
  }));
  const shown = columns.filter(({ optional, value }) => !optional || rows.some((row) => value(row) !== undefined));
  const by = shown.find(({ key }) => key === sort?.key);
  // A lane whose search optimised this very cosine stands behind those that did not.
  const unranked = ({ lane }: Row) => Number(by?.key === 'cos' && lane.result?.optimised === true);
  const sorted = by
    ? [...rows].sort((a, b) => unranked(a) - unranked(b) || order(by.value(a), by.value(b)) * (sort!.down ? -1 : 1))
    : rows;
  const told = lanes.filter(({ result }) => result);
  const marks = agreement(told.map(({ caption }) => caption));
  const best = new Map(shown.map((column) => [column.key, bestOf(column, rows)]));
  const toggle = (key: string) =>
    setSort((before) =>
      before?.key !== key
        ? { key, down: columns.find((column) => column.key === key)?.best !== 'low' }
        : before.down === (columns.find((column) => column.key === key)?.best !== 'low')
          ? { key, down: !before.down }
          : undefined,
    );
  return (
    <div className="v-scroll v-board" tabIndex={0} role="region" aria-label={t('All lanes compared')}>
      <table className="v-table v-scoreboard" style={{ '--columns': shown.length } as React.CSSProperties}>
        <caption>
          <span className="v-table-said">
            {t('Referee: {{referee}}.', { referee })}{' '}
            {lanes.some(({ result }) => result?.optimised)
              ? t('Lanes marked “optimised” chose their caption by this very cosine and are not ranked by it.')
              : ''}
          </span>
        </caption>
        <colgroup>
          <col className="v-col-lane" />
          <col />
          {shown.map(({ key }) => (
            <col key={key} className={key === 'cos' ? 'v-col-wide' : 'v-col'} />
          ))}
        </colgroup>
        <thead>
          <tr>
            <th scope="col">{t('lane')}</th>
            <th scope="col">{t('caption')}</th>
            {shown.map(({ key, title, help }) => (
              <th
                key={key}
                scope="col"
                className="v-number"
                aria-sort={sort?.key === key ? (sort.down ? 'descending' : 'ascending') : 'none'}
              >
                <button type="button" title={t(help)} onClick={() => toggle(key)}>
                  {t(title)}
                  <span aria-hidden>{sort?.key === key ? (sort.down ? ' ↓' : ' ↑') : ''}</span>
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => (
            <tr key={row.lane.id}>
              <th scope="row">
                <LaneName lane={row.lane} />
              </th>
              <td>
                {row.lane.result ? (
                  <Words marks={marks[told.indexOf(row.lane)]!} of={told.length} />
                ) : (
                  <span className="v-note">{t(statuses[row.lane.status].text)}</span>
                )}
              </td>
              {shown.map((column) => {
                const value = column.value(row);
                const optimised = column.key === 'cos' && row.lane.result?.optimised;
                return (
                  <td key={column.key} className={`v-number${best.get(column.key)!.has(row.lane.id) ? ' v-best' : ''}`}>
                    {value === undefined ? '–' : minus(column.show(value, numbers))}
                    {optimised && <span className="v-note"> {t('optimised')}</span>}
                    {best.get(column.key)!.has(row.lane.id) && <span className="v-hidden"> {t('(best)')}</span>}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="v-legend">
        {t('Words of the captions:')} <span className="v-all">{t('all say it')}</span>{' '}
        <span className="v-some">{t('several say it')}</span> <span className="v-alone">{t('one alone says it')}</span>
      </p>
      <details className="v-note v-meanings">
        <summary>{t('What the numbers mean')}</summary>
        <dl>
          {shown.map(({ key, title, help }) => (
            <div key={key}>
              <dt>{t(title)}</dt>
              <dd>{t(help)}</dd>
            </div>
          ))}
          <div>
            <dt>{t('first')}</dt>
            <dd>{t(firstHelp)}.</dd>
          </div>
          <div>
            <dt>{t('trust')}</dt>
            <dd>{t(trustHelp)}.</dd>
          </div>
        </dl>
      </details>
    </div>
  );
}

/** A caption with how many of the others say each of its words. */
function Words({ marks, of }: { marks: readonly WordMark[]; of: number }) {
  const { t } = useTranslation();
  if (of < 2) return <span lang="en">{marks.map(({ text }) => text).join(' ')}</span>;
  return (
    <>
      {marks.map(({ text, shared, binding }, i) => (
        <span key={i} lang="en">
          <span
            className={binding ? 'v-binding' : shared === of ? 'v-all' : shared > 1 ? 'v-some' : 'v-alone'}
            title={
              binding
                ? undefined
                : shared === 1
                  ? t('Only this caption says it')
                  : t('{{shared}} of {{count}} captions say it', { shared, count: of })
            }
          >
            {text}
          </span>{' '}
        </span>
      ))}
    </>
  );
}

function order(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return a - b;
}

/** The lanes that lead a column, among those that may be ranked by it: all that read alike, and none where all do. */
function bestOf({ key, value, show, best }: Column, rows: readonly Row[]): ReadonlySet<string> {
  const ranked = rows.flatMap((row) => {
    const v = value(row);
    return v === undefined || (key === 'cos' && row.lane.result?.optimised)
      ? []
      : [{ id: row.lane.id, v, shown: show(v, numbersIn('en')) }];
  });
  if (!best || ranked.length < 2) return new Set();
  const lead = ranked.reduce((first, next) => ((best === 'high' ? next.v > first.v : next.v < first.v) ? next : first));
  const leading = ranked.filter(({ shown }) => shown === lead.shown);
  return new Set(leading.length < ranked.length ? leading.map(({ id }) => id) : []);
}
