import { useState } from 'react';
import type { Selection } from '../inspector/inspector';
import { useSteady, type LaneActions } from '../lanes/lane-actions';
import { chooseDevices, deviceOf } from '../lanes/devices-state';
import { addLane, changeLanes, moveLane, removeLane } from '../lanes/lanes-state';
import type { LaneConfig } from '../lanes/lane-config';
import { hidden, known } from '../ratings/blind-state';
import { lookInto } from '../views/look-into';
import { laneTitle } from '../views/looks';
import { useFocusOnLine } from './focus-on-line';
import type { usePerson } from './person';
import { usePage, useShown } from './page-context';
import { branch, rateLane, runLanes } from './running';
import { bench, lanes as all } from './selectors';
import { stop } from './turns';

/**
 * What can be done with the lanes of the page, and which is selected. A lane that was removed can be brought back until
 * another is. `fixed`: lanes keep their places.
 */
export function useBenchActions({
  fixed,
  person,
}: {
  fixed: boolean;
  person: Pick<ReturnType<typeof usePerson>, 'accept' | 'writeFrom'>;
}) {
  const page = usePage();
  const { store } = page;
  const lanes = useShown(all);
  const input = useShown(({ active }) => active);
  const now = () => bench(store.getState());
  const [selected, setSelected] = useState<Selection>();
  const [gone, setGone] = useState<{ lane: LaneConfig; at: number; input: string | undefined }>();
  const goTo = useFocusOnLine();
  // Of a lane that is selected already the word stays.
  const select = (lane: string, word?: number) =>
    setSelected((before) => (word === undefined && before?.lane === lane ? before : { lane, word }));
  const land = (id: string) => {
    select(id);
    goTo(id);
  };
  const actions: LaneActions = {
    select,
    run: (config) => void runLanes(page, [config]),
    stop: (id) => void stop(page, id),
    duplicate: (config) => {
      const { decoder, options, id: after } = config;
      const id = addLane(store, now(), { decoder, options, after });
      chooseDevices(store, [id], deviceOf(store.getState(), after));
      land(id);
    },
    move: (id, by) => !fixed && moveLane(store, now(), id, by),
    remove: (id) => {
      const at = lanes.findIndex((lane) => lane.id === id);
      if (at < 0) return;
      setGone({ lane: lanes[at]!, at, input });
      removeLane(store, now(), id);
    },
    branch: (film, place, alternative) => land(branch(page, film, place, alternative)),
    options: (id) => {
      select(id);
      // Before the first input the inspector is drawn only now.
      setTimeout(() => lookInto({ lane: id, tab: 'options', focus: true }));
    },
    chooseDevice: (id, device) => chooseDevices(store, [id], device),
    accept: person.accept,
    write: person.writeFrom,
    rate: (id, stars) => {
      const state = store.getState();
      const blind = hidden(state) && !known(state);
      void rateLane(page, id, stars === undefined ? undefined : { stars, blind });
    },
  };
  // Brought back, or another photo is shown: it is not missed any more.
  const missed = gone && gone.input === input && !lanes.some(({ id }) => id === gone.lane.id) ? gone : undefined;
  return {
    actions: useSteady(actions),
    selected,
    setSelected,
    removed: {
      lane: missed?.lane,
      title: missed ? laneTitle(missed.lane) : '',
      undo: () => {
        if (!missed) return;
        changeLanes(store, now(), (stand) => [...stand.slice(0, missed.at), missed.lane, ...stand.slice(missed.at)]);
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
