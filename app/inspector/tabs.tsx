import { Tabs } from 'radix-ui';
import { memo, type ReactNode } from 'react';
import { msg } from '../languages/msg';
import { useTranslation } from '../languages/use-translation';
import { isFinal, type LaneFilm } from '../views/film';
import type { InspectorTab } from '../views/look-into';
import { decoderLook } from '../views/looks';
import { WordChanges } from '../views/changed-words';
import { later } from './later';
import { changedOptions, type RunBefore } from './run-before';
import { Words as AllWords } from './words';

const Words = memo(AllWords);
const Beams = later(async () => memo((await import('./beams')).Beams));
const Trace = later(async () => memo((await import('./trace')).Trace));
const Why = later(async () => memo((await import('./why')).Why));
const Time = later(async () => memo((await import('./time')).Time));

/** Fetches the scripts of the tabs that nobody has opened yet. */
export const fetchViews = () => [Beams, Trace, Why, Time].forEach((view) => view.fetch());

const tabs: readonly [InspectorTab, string][] = [
  ['words', msg('Words')],
  ['beams', msg('Beams')],
  ['trace', msg('Trace')],
  ['why', msg('Why')],
  ['time', msg('Time')],
  ['options', msg('Options')],
];

/** Options that make a lane tell more of itself. */
export type Telling = 'insight' | 'cosineTrace';

/** What a view may do; the same functions for its life. */
export type TabActions = {
  word: (at: number) => void;
  enter: () => void;
  leave: () => boolean;
  branch: (at: number, alternative: number) => void;
  tell: (option: Telling) => void;
};

type Props = {
  tab: InspectorTab;
  onTab: (tab: InspectorTab) => void;
  lane: LaneFilm;
  lanes: readonly LaneFilm[];
  word?: number;
  picture?: string;
  encodeMs?: number;
  branches: boolean;
  tells: boolean;
  options?: ReactNode;
  method?: ReactNode;
  before?: RunBefore;
  actions: TabActions;
};

/** Views of a lane, of which the open one alone is drawn. */
export function InspectorTabs({ tab, onTab, lane, lanes, word, picture, encodeMs, ...rest }: Props) {
  const { branches, tells, options, method, before, actions } = rest;
  const { t } = useTranslation();
  const again = tells && isFinal(lane.status);
  const changes = before && lane.result && <Changes {...before} />;
  // What draws all lanes is drawn by their list alone, which may lag a frame behind.
  const among = lanes.find(({ id }) => id === lane.id) ?? lane;
  return (
    <Tabs.Root
      value={tab}
      onValueChange={(value) => onTab(value as InspectorTab)}
      className="v-inspector-body"
      style={{ '--hue': decoderLook(lane.decoder).color } as React.CSSProperties}
    >
      <Tabs.List aria-label={t('How the caption came to be')} className="v-tabs">
        {tabs.map(([value, title]) => (
          <Tabs.Trigger key={value} value={value}>
            {t(title)}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <Tabs.Content value="words">
        {changes}
        <Words
          lane={lane}
          word={word}
          onWord={actions.word}
          onEnter={actions.enter}
          onLeave={actions.leave}
          onBranch={branches ? actions.branch : undefined}
        />
      </Tabs.Content>
      <Tabs.Content value="beams">
        {/* Each lane has its own chosen step. */}
        <Beams key={lane.id} lane={lane} word={word} />
      </Tabs.Content>
      <Tabs.Content value="trace">
        <Trace lane={among} lanes={lanes} word={word} onTell={again ? () => actions.tell('cosineTrace') : undefined} />
      </Tabs.Content>
      <Tabs.Content value="why">
        <Why
          key={lane.id}
          lane={lane}
          picture={picture}
          word={word}
          onWord={actions.word}
          method={method}
          onTell={again ? () => actions.tell('insight') : undefined}
        />
      </Tabs.Content>
      <Tabs.Content value="time">
        <Time lane={among} lanes={lanes} encodeMs={encodeMs} />
      </Tabs.Content>
      <Tabs.Content value="options">
        {changes}
        {options ?? <RanWith lane={lane} />}
      </Tabs.Content>
    </Tabs.Root>
  );
}

/** What the last run of a lane changed, and by which options. */
function Changes({ before, now }: RunBefore) {
  const { t } = useTranslation();
  const options = changedOptions(before.options, now.options);
  return (
    <div className="v-changed" data-testid="changes">
      <p className="v-note">
        {options.length
          ? t('The last run had {{options}}:', {
              options: options.map(({ name, from, to }) => `${name} ${from} → ${to}`).join(', '),
            })
          : t('The last run had the same options:')}
      </p>
      <WordChanges before={before.caption} after={now.caption} same={t('The caption stayed the same.')} />
    </div>
  );
}

/** Where nothing can be set: the options that the lane ran with. */
function RanWith({ lane }: { lane: LaneFilm }) {
  const { t } = useTranslation();
  const options = Object.entries(lane.options);
  if (!options.length) return <p className="v-note">{t('No options are told of this lane.')}</p>;
  return (
    <table className="v-table">
      <caption>{t('Options that the lane ran with')}</caption>
      <tbody>
        {options.map(([name, value]) => (
          <tr key={name}>
            <th scope="row" className="v-numbers">
              {name}
            </th>
            <td className="v-numbers">{Array.isArray(value) ? value.join(' ') || '–' : String(value)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
