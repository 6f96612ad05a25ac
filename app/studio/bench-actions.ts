import { useState } from 'react';
import type { Selection } from '../inspector/inspector';
import { useSteady, type LaneActions } from '../lanes/lane-actions';
import type { LaneConfig } from '../lanes/use-lanes';
import type { useBlind } from '../ratings/blind';
import { lookInto } from '../views/look-into';
import { laneTitle } from '../views/looks';
import { useFocusOnLine } from './focus-on-line';
import type { usePerson } from './person';
import type { useStudio } from './use-studio';

/**
 * What can be done with the lanes of the page, and which is selected. A lane that was removed can be brought back until
 * another is. `fixed`: lanes keep their places.
 */
export function useBenchActions(
  studio: ReturnType<typeof useStudio>,
  {
    fixed,
    blind,
    person,
  }: {
    fixed: boolean;
    blind: Pick<ReturnType<typeof useBlind>, 'hidden' | 'known'>;
    person: Pick<ReturnType<typeof usePerson>, 'accept' | 'writeFrom'>;
  },
) {
  const { lanes, devices, runLanes, stop } = studio;
  const [selected, setSelected] = useState<Selection>();
  const [gone, setGone] = useState<{ lane: LaneConfig; at: number; input: string | undefined }>();
  const goTo = useFocusOnLine();
  const input = studio.active?.key;
  // Of a lane that is selected already the word stays.
  const select = (lane: string, word?: number) =>
    setSelected((before) => (word === undefined && before?.lane === lane ? before : { lane, word }));
  const land = (id: string) => {
    select(id);
    goTo(id);
  };
  const actions: LaneActions = {
    select,
    run: (config) => void runLanes([config]),
    stop: (id) => void stop(id),
    duplicate: (config) => {
      const id = lanes.add(config.decoder, config.options, config.id);
      devices.choose([id], devices.deviceOf(config.id));
      land(id);
    },
    move: fixed ? () => undefined : lanes.move,
    remove: (id) => {
      const at = lanes.lanes.findIndex((lane) => lane.id === id);
      if (at < 0) return;
      setGone({ lane: lanes.lanes[at]!, at, input });
      lanes.remove(id);
    },
    branch: (film, place, alternative) => land(studio.branch(film, place, alternative)),
    options: (id) => {
      select(id);
      // Before the first input the inspector is drawn only now.
      setTimeout(() => lookInto({ lane: id, tab: 'options', focus: true }));
    },
    chooseDevice: (id, device) => devices.choose([id], device),
    accept: person.accept,
    write: person.writeFrom,
    rate: (id, stars) =>
      studio.ratings.rate(id, stars === undefined ? undefined : { stars, blind: blind.hidden && !blind.known }),
  };
  // Brought back, or another photo is shown: it is not missed any more.
  const missed = gone && gone.input === input && !lanes.lanes.some(({ id }) => id === gone.lane.id) ? gone : undefined;
  return {
    actions: useSteady(actions),
    selected,
    setSelected,
    removed: {
      lane: missed?.lane,
      title: missed ? laneTitle(missed.lane) : '',
      undo: () => {
        if (!missed) return;
        lanes.put((all) => [...all.slice(0, missed.at), missed.lane, ...all.slice(missed.at)]);
        setGone(undefined);
        land(missed.lane.id);
      },
      forget: () => {
        setGone(undefined);
        document.getElementById('lanes')?.focus();
      },
    },
  };
}
