import { bestRated } from '@/kept/ratings';
import type { Selection } from '../inspector/inspector';
import type { LaneActions } from '../lanes/lane-actions';
import { LaneLine } from '../lanes/lane-line';
import type { LaneConfig } from '../lanes/lane-config';
import type { Sort } from '../lines/columns';
import { LineList } from '../lines/line-list';
import { walkLines } from '../lines/walk';
import type { useLines } from '../lines/use-lines';
import { letterOf } from '../ratings/blind-order';
import { laneTitle } from '../views/looks';
import { useDevices, useKnown, useShown } from './page-context';
import * as select from './selectors';

type Props = {
  /** The lanes as they are shown. */
  bench: readonly LaneConfig[];
  told: ReturnType<typeof useLines>;
  selected: Selection | undefined;
  actions: LaneActions;
  sort: Sort | undefined;
  onSort: ((sort: Sort | undefined) => void) | undefined;
  /** Their order is not the person's to change now. */
  fixed: boolean;
  /** Each says the letter that it had while its name was hidden. */
  letters: boolean;
  /** What the person accepted of a lane. */
  acceptedOf: (lane: string) => unknown;
};

/** The lanes of the page as lines. */
export function PageLines({ bench, told, selected, actions, sort, onSort, fixed, letters, acceptedOf }: Props) {
  const most = useShown(({ shown }) => bestRated(shown.ratings));
  const before = useShown(({ runs }) => runs.pairs);
  const ready = useShown((state) => select.source(state) !== undefined);
  const full = useShown(select.full);
  const running = useShown(({ shown }) => shown.running);
  const available = useShown((state) => state.available);
  const known = useKnown(bench);
  const devices = useDevices(known);
  return (
    <LineList columns={told.columns} sort={sort} onSort={onSort} onKeyDown={walkLines}>
      {known.map((config, i) => {
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
            accepted={acceptedOf(config.id) !== undefined}
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
