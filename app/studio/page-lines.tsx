import { bestRated } from '@/kept/ratings';
import type { Selection } from '../inspector/inspector';
import type { LaneActions } from '../lanes/lane-actions';
import { LaneLine } from '../lanes/lane-line';
import type { LaneConfig } from '../lanes/lane-config';
import type { Sort } from '../lines/columns';
import { LineList } from '../lines/line-list';
import { PersonLine } from '../lines/person-line';
import { walkLines } from '../lines/walk';
import type { useLines } from '../lines/use-lines';
import { letterOf } from '../ratings/blind-order';
import { laneTitle } from '../views/looks';
import { useTranslation } from '../languages/use-translation';
import { useDevices, useKnown, useShown } from './page-context';
import type { usePerson } from './person';
import { PersonTools } from './person-tools';
import * as select from './selectors';

type Props = {
  /** The lanes as they are shown. */
  bench: readonly LaneConfig[];
  /** All lines by their ids, the person's among them, as they stand. */
  places: readonly string[];
  told: ReturnType<typeof useLines>;
  person: ReturnType<typeof usePerson>;
  selected: Selection | undefined;
  actions: LaneActions;
  sort: Sort | undefined;
  onSort: ((sort: Sort | undefined) => void) | undefined;
  /** Their order is not the person's to change now. */
  fixed: boolean;
  /** Each says the letter that it had while its name was hidden. */
  letters: boolean;
};

/** The lanes of the page as lines. */
export function PageLines(props: Props) {
  const { bench, places, told, person, selected, actions, sort, onSort, fixed, letters } = props;
  const { t } = useTranslation();
  const most = useShown(({ shown }) => bestRated(shown.ratings));
  const before = useShown(({ runs }) => runs.pairs);
  const ready = useShown((state) => select.source(state) !== undefined);
  const full = useShown(select.full);
  const running = useShown(({ shown }) => shown.running);
  const available = useShown((state) => state.available);
  const known = useKnown(bench);
  const devices = useDevices(known);
  const titleOf = (id: string) => laneTitle(bench.find((lane) => lane.id === id) ?? { id, decoder: id });
  return (
    <LineList columns={told.columns} sort={sort} onSort={onSort} onKeyDown={walkLines}>
      {places.map((id) => {
        const one = told.said.find(({ said }) => said.id === id);
        if (one)
          return (
            <PersonLine
              key={id}
              told={one}
              title={t('You')}
              from={titleOf}
              columns={told.columns}
              best={new Set(told.best.get(id)?.split(' '))}
              tools={<PersonTools said={one.said} person={person} />}
            />
          );
        const i = known.findIndex((lane) => lane.id === id);
        const config = known[i];
        if (!config) return null;
        const line = told.lines.find(({ lane }) => lane.id === config.id);
        const focused = selected?.lane === config.id;
        return (
          <LaneLine
            key={config.id}
            config={config}
            title={laneTitle(config)}
            film={line?.lane}
            scores={line?.scores}
            rating={line?.rating}
            accepted={person.acceptedOf(config.id) !== undefined}
            bestRated={most === config.id}
            columns={told.columns}
            best={told.best.get(config.id) ?? ''}
            equal={told.equal.get(config.id)}
            words={told.marks.get(config.id)}
            told={told.told}
            before={before.get(config.id)?.before.caption}
            was={letters ? letterOf(i) : undefined}
            focused={focused}
            word={focused ? selected.word : undefined}
            ready={ready}
            first={i === 0}
            last={i === known.length - 1}
            fixed={fixed}
            only={bench.length === 1}
            full={full}
            device={devices[i]!}
            available={available}
            locked={running}
            actions={actions}
          />
        );
      })}
    </LineList>
  );
}
