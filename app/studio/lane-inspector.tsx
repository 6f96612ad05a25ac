import { useEffect, useMemo, useState } from 'react';
import { inspected, Inspector, type Selection } from '../inspector/inspector';
import { LaneOptions } from '../lanes/lane-options';
import { keepSwept, withSweep } from '../lanes/sweep';
import { SweepForm } from '../lanes/sweep-form';
import { chooseDevices, deviceOf } from '../lanes/devices-state';
import { changeLanes, setLaneOptions } from '../lanes/lanes-state';
import { type LaneConfig, type OptionSet, pageDefaults } from '../lanes/lane-config';
import { isFinal, type LaneFilm, newLane } from '../views/film';
import { usePage, useShown } from './page-context';
import { branch, runLanes } from './running';
import * as select from './selectors';
import { stop } from './turns';

/** Of lanes that have not begun: the same film each time. */
const idle = new WeakMap<LaneConfig, LaneFilm>();
function filmOfIdle(config: LaneConfig): LaneFilm {
  const film = idle.get(config) ?? newLane(config);
  idle.set(config, film);
  return film;
}

type Props = {
  /** The lanes in the order in which they stand, and what those that have begun said so far. */
  bench: readonly LaneConfig[];
  films: readonly LaneFilm[];
  selected: Selection | undefined;
  onSelect: (selection: Selection) => void;
};

/** The inspector of the page: beside what it tells, lanes are branched, set up, swept and run by it. */
export function LaneInspector({ bench, films, selected, onSelect }: Props) {
  const page = usePage();
  const { store } = page;
  const info = useShown((state) => state.info);
  const family = useShown(select.family);
  const all = useShown(select.lanes);
  const running = useShown(({ shown }) => shown.running);
  const ready = useShown((state) => select.source(state) !== undefined);
  const cards = info?.decoders ?? [];
  const looked = bench
    .filter(({ decoder }) => cards.some(({ name }) => name === decoder))
    .map((config) => films.find(({ id }) => id === config.id) ?? filmOfIdle(config));
  const config = inspected(
    bench.filter(({ id }) => looked.some((film) => film.id === id)),
    selected,
  );
  const card = cards.find(({ name }) => name === config?.decoder);
  const defaults = useMemo(() => (card ? pageDefaults(card, family) : {}), [card, family]);
  const before = useShown(({ runs }) => runs.pairs);
  const goTo = useLanding();
  const film = looked.find(({ id }) => id === config?.id);
  const atWork = config && films.some(({ id, status }) => id === config.id && !isFinal(status));
  const most = info?.limits.lanes ?? bench.length;
  const setOptions = (id: string, values: OptionSet) =>
    setLaneOptions(store, select.bench(store.getState()), id, values);

  const options = config && card && (
    <LaneOptions
      id={`options-${config.id}`}
      card={card}
      effects={family?.effects}
      defaults={defaults}
      values={config.options}
      refused={family?.refused?.[config.decoder]}
      onChange={(values) => setOptions(config.id, keepSwept(config.id, values, defaults))}
      onRun={ready ? () => void runLanes(page, [config]) : undefined}
      onStop={atWork ? () => void stop(page, config.id) : undefined}
    >
      <SweepForm
        key={config.id}
        lane={config}
        card={card}
        defaults={defaults}
        refused={family?.refused?.[config.decoder]}
        lanes={all}
        most={most}
        onSweep={
          ready && !running
            ? (made) => {
                const state = store.getState();
                const device = deviceOf(state, config.id);
                changeLanes(store, select.bench(state), (before) => withSweep(before, config.id, made));
                chooseDevices(
                  store,
                  made.map(({ id }) => id),
                  device,
                );
                void runLanes(
                  page,
                  made.map((lane) => ({ ...lane, device })),
                );
              }
            : undefined
        }
      />
    </LaneOptions>
  );
  return (
    <div className="v-inspector-dock">
      <Inspector
        lanes={looked}
        selected={selected}
        onSelect={onSelect}
        picture={useShown(select.picture)}
        encodeMs={useShown(({ shown }) => shown.encoded?.ms)}
        before={before}
        options={options}
        onBranch={
          running || !ready || !film
            ? undefined
            : (_lane, at, alternative) => {
                const id = branch(page, film, at, alternative);
                onSelect({ lane: id });
                goTo(id);
              }
        }
        onTell={
          ready
            ? (id, option) => {
                const lane = bench.find((each) => each.id === id);
                if (!lane) return;
                const { [option]: _off, ...rest } = lane.options;
                const told = { ...lane, options: defaults[option] === true ? rest : { ...rest, [option]: true } };
                setOptions(id, told.options);
                void runLanes(page, [told]);
              }
            : undefined
        }
      />
    </div>
  );
}

/** Moves the focus to the line of a lane that is about to be drawn. */
function useLanding(): (lane: string) => void {
  const [landing, setLanding] = useState<{ lane: string }>();
  useEffect(() => {
    if (landing) document.querySelector<HTMLElement>(`[data-testid="lane-${CSS.escape(landing.lane)}"]`)?.focus();
  }, [landing]);
  return (lane) => setLanding({ lane });
}
