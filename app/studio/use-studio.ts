'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { Rating } from '@/kept/ratings';
import { problemOf, useStudioClient } from '../client/client';
import { useHydrated } from '../client/use-hydrated';
import type { Address } from '../comparisons/address';
import { devicesText, progressText } from '../comparisons/progress-words';
import type { SaveChoice } from '../comparisons/save-local';
import type { Source } from '../comparisons/source';
import type { WrittenTerm } from '../inputs/arithmetic';
import { type Input, sourceName, sourceOf, urlOf } from '../inputs/inputs';
import { embeddingOf, forgetInput } from '../inputs/inputs-state';
import { chooseDevices, deviceOf } from '../lanes/devices-state';
import { addLane, changeLanes, moveLane, removeLane, resetLanes, setLaneOptions } from '../lanes/lanes-state';
import type { LaneDevice } from '../lanes/lane-device';
import { type LaneConfig, mostLanes, type OptionSet } from '../lanes/use-lanes';
import { useTranslation } from '../languages/use-translation';
import { pickFamily } from '../families/family-state';
import type { ReferenceKeeper } from '../references/use-kept-references';
import type { LaneFilm } from '../views/film';
import type { Wanted } from './begin';
import { giveAddress, giveFiles, giveOne, giveSum } from './giving';
import { branch, rateLane, runAll, runLanes, selectInput } from './running';
import * as select from './selectors';
import { createStudio, type Studio } from './store';
import { runSkipped, stop } from './turns';
import { enter } from './visit';
import { workingText } from './working-text';

/** One page of the studio, for as long as it is shown. */
export function useNewStudio(opened: Address | undefined): Studio {
  const client = useStudioClient();
  const queries = useQueryClient();
  const asked = { queryKey: ['studio.info'], queryFn: () => client.studio.info.query() };
  const info = useQuery(asked);
  const [studio] = useState(() =>
    createStudio(
      {
        client,
        askInfo: () => queries.fetchQuery({ ...asked, staleTime: Infinity }),
        goTo: (path, how) => window.history[how === 'push' ? 'pushState' : 'replaceState'](null, '', path),
      },
      opened,
    ),
  );
  useEffect(
    () => studio.store.setState({ info: info.data, infoProblem: info.error ? problemOf(info.error) : undefined }),
    [info.data, info.error, studio],
  );
  useEffect(() => enter(studio), [studio]);
  return studio;
}

/** All that the page does, as its captions take it. */
export function useStudio(opened: Address | undefined) {
  const { t } = useTranslation();
  const studio = useNewStudio(opened);
  const { store } = studio;
  const state = useStore(store);
  const hydrated = useHydrated();
  const active = select.active(state);
  const source = select.source(state);
  const family = select.family(state);
  const { shown, available } = state;
  const { comparison } = active ?? {};
  const lanes = select.lanes(state);
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
      giveOne: (given: Source) => giveOne(studio, given),
      giveFiles: (files: readonly File[]) => giveFiles(studio, files),
      giveAddress: (text: string) => giveAddress(studio, text),
      giveSum: (terms: readonly WrittenTerm[]) => giveSum(studio, terms),
      runAll: () => runAll(studio),
      runLanes: (wanted: readonly Wanted[]) => runLanes(studio, wanted),
      branch: (film: LaneFilm, at: number, alternative: number) => branch(studio, film, at, alternative),
      stop: (lane?: string) => stop(studio, lane),
      select: (key: string) => selectInput(studio, key),
      forget: (key: string) => forgetInput(store, key),
      runSkipped: () => runSkipped(studio),
      pick: (name: string) => pickFamily(store, name),
    }),
    [store, studio],
  );
  const embedding = useMemo(() => {
    const given = source?.kind === 'embedding' ? source : undefined;
    const values = shown.encoded?.values ?? shown.embedding?.values ?? given?.values;
    const modality = given?.modality ?? ('image' as const);
    return values && { values, space: shown.encoded?.space ?? family?.space ?? '', modality };
  }, [family?.space, shown.embedding, shown.encoded, source]);
  const references: ReferenceKeeper = {
    key: active?.key,
    comparison,
    kept: shown.known ? shown.references : undefined,
  };
  return {
    studio,
    comparison,
    references,
    ratings: { ratings: shown.ratings, rate: actions.rate, problem: state.ratingProblem },
    missing: !shown.known && active?.key === opened?.id ? shown.absence : undefined,
    info: { data: state.info, error: state.infoProblem },
    families: { all: state.info?.families ?? [], chosen: family, choose: actions.pick },
    family,
    decoders: select.decoders(state),
    lanes: { lanes, full: lanes.length >= mostLanes, ...laneActions },
    devices: { available, choose: actions.choose, deviceOf: actions.deviceOf },
    inputs: state.inputs,
    active,
    shown: { ...shown, devices: devicesText(shown, t), progress: progressText(shown, t) },
    embedding,
    saving: shown.offer &&
      comparison && { offer: shown.offer, onSave: (choice: SaveChoice) => comparison.save(choice) },
    /** The photo that is described, where there is one. */
    picture: shown.picture ?? givenPicture(source),
    source,
    /** Saved without its picture. */
    withheld: shown.withheld,
    problem: select.problem(state),
    working: state.working && workingText(state.working, t),
    /** Lanes that were asked for and have not begun. */
    asked: state.asked,
    /** Also until the page can hear: a press before that would be lost. */
    busy: !hydrated || state.working !== undefined,
    statusOf: ({ key }: Input) => state.statuses[key] ?? 'waiting',
    summable: state.inputs.flatMap((input) =>
      embeddingOf(input, family?.space) ? [{ key: input.key, name: sourceName(sourceOf(input), t) }] : [],
    ),
    ...actions,
    runAll: source && actions.runAll,
    skipped: state.inputs.filter(({ skipped }) => skipped),
    inTurn: select.inTurn(state),
  };
}

function givenPicture(source: Source | undefined): { url: string } | undefined {
  if (source?.kind !== 'photo') return undefined;
  const url = source.blob ? urlOf(source.blob) : source.url;
  return url === undefined ? undefined : { url };
}
