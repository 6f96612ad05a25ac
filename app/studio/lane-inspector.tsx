import { useEffect, useMemo, useState } from 'react';
import { inspected, Inspector, type Selection } from '../inspector/inspector';
import { useRunsBefore } from '../inspector/run-before';
import { LaneOptions } from '../lanes/lane-options';
import { keepSwept, withSweep } from '../lanes/sweep';
import { SweepForm } from '../lanes/sweep-form';
import { type LaneConfig, pageDefaults } from '../lanes/use-lanes';
import { isFinal, type LaneFilm, newLane } from '../views/film';
import type { useStudio } from './use-studio';

/** Of lanes that have not begun: the same film each time. */
const idle = new WeakMap<LaneConfig, LaneFilm>();
function filmOfIdle(config: LaneConfig): LaneFilm {
  const film = idle.get(config) ?? newLane(config);
  idle.set(config, film);
  return film;
}

type Props = {
  studio: ReturnType<typeof useStudio>;
  /** The lanes in the order in which they stand, and what those that have begun said so far. */
  bench: readonly LaneConfig[];
  films: readonly LaneFilm[];
  selected: Selection | undefined;
  onSelect: (selection: Selection) => void;
};

/** The inspector of the page: beside what it tells, lanes are branched, set up, swept and run by it. */
export function LaneInspector({ studio, bench, films, selected, onSelect }: Props) {
  const { info, family, lanes, devices, shown, runAll, runLanes } = studio;
  const cards = info.data?.decoders ?? [];
  const looked = bench
    .filter(({ decoder }) => cards.some(({ name }) => name === decoder))
    .map((config) => films.find(({ id }) => id === config.id) ?? filmOfIdle(config));
  const config = inspected(
    bench.filter(({ id }) => looked.some((film) => film.id === id)),
    selected,
  );
  const card = cards.find(({ name }) => name === config?.decoder);
  const defaults = useMemo(() => (card ? pageDefaults(card, family) : {}), [card, family]);
  const before = useRunsBefore(studio.active?.key, shown.lanes);
  const goTo = useLanding();
  const film = looked.find(({ id }) => id === config?.id);
  const atWork = config && films.some(({ id, status }) => id === config.id && !isFinal(status));
  const most = info.data?.limits.lanes ?? bench.length;

  const options = config && card && (
    <LaneOptions
      id={`options-${config.id}`}
      card={card}
      effects={family?.effects}
      defaults={defaults}
      values={config.options}
      refused={family?.refused?.[config.decoder]}
      onChange={(values) => lanes.setOptions(config.id, keepSwept(config.id, values, defaults))}
      onRun={runAll && (() => void runLanes([config]))}
      onStop={atWork ? () => void studio.stop(config.id) : undefined}
    >
      <SweepForm
        key={config.id}
        lane={config}
        card={card}
        defaults={defaults}
        refused={family?.refused?.[config.decoder]}
        lanes={lanes.lanes}
        most={most}
        onSweep={
          runAll && !shown.running
            ? (made) => {
                const device = devices.deviceOf(config.id);
                lanes.put((all) => withSweep(all, config.id, made));
                devices.choose(
                  made.map(({ id }) => id),
                  device,
                );
                void runLanes(made.map((lane) => ({ ...lane, device })));
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
        picture={studio.picture?.url}
        encodeMs={shown.encoded?.ms}
        before={before}
        options={options}
        onBranch={
          shown.running || !runAll || !film
            ? undefined
            : (_lane, at, alternative) => {
                const id = studio.branch(film, at, alternative);
                onSelect({ lane: id });
                goTo(id);
              }
        }
        onTell={
          runAll &&
          ((id, option) => {
            const lane = bench.find((each) => each.id === id);
            if (!lane) return;
            const { [option]: _off, ...rest } = lane.options;
            const told = { ...lane, options: defaults[option] === true ? rest : { ...rest, [option]: true } };
            lanes.setOptions(id, told.options);
            void runLanes([told]);
          })
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
