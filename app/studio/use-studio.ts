'use client';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { Rating } from '@/kept/ratings';
import { chooseDevices, deviceOf } from '../lanes/devices-state';
import type { LaneDevice } from '../lanes/lane-device';
import { addLane, changeLanes, moveLane, removeLane, resetLanes, setLaneOptions } from '../lanes/lanes-state';
import { type LaneConfig, mostLanes, type OptionSet } from '../lanes/use-lanes';
import type { ReferenceKeeper } from '../references/use-kept-references';
import type { LaneFilm } from '../views/film';
import type { Wanted } from './begin';
import { usePage } from './page-context';
import { useBusy } from './photo';
import { branch, rateLane, runAll, runLanes } from './running';
import * as select from './selectors';
import { stop } from './turns';

/** What the page does with lanes, as its captions take it. */
export function useStudio() {
  const studio = usePage();
  const { store } = studio;
  const state = useStore(store);
  const active = select.active(state);
  const source = select.source(state);
  const { shown, available } = state;
  const { comparison } = active ?? {};
  const lanes = select.lanes(state);
  const picture = select.picture(state);
  const busy = useBusy();
  const laneActions = useMemo(() => {
    const bench = () => select.bench(store.getState());
    return {
      add: (decoder: string, options?: OptionSet, after?: string) =>
        addLane(store, bench(), { decoder, ...(options ? { options } : {}), ...(after ? { after } : {}) }),
      /** Others in their place, e.g. with those of a sweep. */
      put: (next: (lanes: readonly LaneConfig[]) => readonly LaneConfig[]) => changeLanes(store, bench(), next),
      remove: (id: string) => removeLane(store, bench(), id),
      move: (id: string, by: -1 | 1) => moveLane(store, bench(), id, by),
      setOptions: (id: string, options: OptionSet) => setLaneOptions(store, bench(), id, options),
      reset: () => resetLanes(store, bench()),
    };
  }, [store]);
  const actions = useMemo(
    () => ({
      choose: (ids: readonly string[], device: LaneDevice) => chooseDevices(store, ids, device),
      deviceOf: (id: string) => deviceOf(store.getState(), id),
      rate: (lane: string, rating: Rating | undefined) => void rateLane(studio, lane, rating),
      runAll: () => runAll(studio),
      runLanes: (wanted: readonly Wanted[]) => runLanes(studio, wanted),
      branch: (film: LaneFilm, at: number, alternative: number) => branch(studio, film, at, alternative),
      stop: (lane?: string) => stop(studio, lane),
    }),
    [store, studio],
  );
  const references: ReferenceKeeper = {
    key: active?.key,
    comparison,
    kept: shown.known ? shown.references : undefined,
  };
  return {
    comparison,
    references,
    ratings: { ratings: shown.ratings, rate: actions.rate, problem: state.ratingProblem },
    info: { data: state.info, error: state.infoProblem },
    family: select.family(state),
    decoders: select.decoders(state),
    lanes: { lanes, full: lanes.length >= mostLanes, ...laneActions },
    devices: { available, choose: actions.choose, deviceOf: actions.deviceOf },
    active,
    shown,
    picture: picture === undefined ? undefined : { url: picture },
    source,
    working: state.working,
    /** Lanes that were asked for and have not begun. */
    asked: state.asked,
    busy,
    ...actions,
    runAll: source && actions.runAll,
    inTurn: select.inTurn(state),
  };
}
