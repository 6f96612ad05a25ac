'use client';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { Problem } from '../languages/problem-text';
import { useTranslation } from '../languages/use-translation';
import { branchTokens, type LaneFilm } from '../views/film';
import { problemOf, useStudioClient } from '../client/client';
import { joinParts } from '../comparisons/comparison-view';
import { inputStatus, sourceOfInput } from '../inputs/input-state';
import { type Input, type InputStatus, sourceName, urlOf } from '../inputs/inputs';
import { changeLocal } from '../comparisons/local-comparisons';
import { LocalRuns } from '../comparisons/local-runs';
import { type SaveChoice, saveLocal } from '../comparisons/save-local';
import { ServerComparisons } from '../comparisons/server-comparisons';
import { decodersOf, useBegin, type Wanted } from './use-begin';
import { useFamily } from '../families/use-family';
import { useGiving } from './use-giving';
import { useHydrated } from '../client/use-hydrated';
import { useLaneDevices } from '../lanes/use-lane-devices';
import { useKeptRatings } from '../ratings/use-kept-ratings';
import type { ReferenceKeeper } from '../references/use-kept-references';
import { useLanes } from '../lanes/use-lanes';
import { useOpened } from './use-opened';
import { useSums } from '../inputs/use-sums';
import { addressOf, useTurns } from './use-turns';

/** All that the page does: inputs, lanes, running them where they belong, showing what there is. */
export function useStudio({ serverId, localId }: { serverId?: string; localId?: string }) {
  const { t } = useTranslation();
  const client = useStudioClient();
  const info = useQuery({ queryKey: ['studio.info'], queryFn: () => client.studio.info.query() });
  const [server] = useState(() => new ServerComparisons(client));
  const [local] = useState(() => new LocalRuns());
  const version = `${useSyncExternalStore(server.notifier.subscribe, server.notifier.version, zero)} ${useSyncExternalStore(local.notifier.subscribe, local.notifier.version, zero)}`;
  const devices = useLaneDevices();
  const [inputs, setInputs] = useState<Input[]>(() =>
    serverId || localId ? [{ key: serverId ?? localId!, serverId, localId, ranOn: {} }] : [],
  );
  const [activeKey, setActive] = useState<string | undefined>(serverId ?? localId);
  const [problem, setProblem] = useState<Problem>();
  const [working, setWorking] = useState<string>();
  const [asked, setAsked] = useState<string[]>([]);
  const hydrated = useHydrated();
  const active = inputs.find(({ key }) => key === activeKey);
  const followed = server.shown(active?.serverId);
  const localComparison = local.comparison(active?.localId);
  const families = useFamily(info.data, followed?.state.family ?? localComparison?.family);
  const family = families.chosen;
  const decoders = useMemo(() => decodersOf(info.data, family), [family, info.data]);
  const lanes = useLanes(decoders, family, active?.localId ?? active?.serverId);

  useEffect(
    () => () => {
      server.close();
      local.close();
    },
    [local, server],
  );
  const patch = useCallback(
    (key: string, change: Partial<Input>) =>
      setInputs((all) => all.map((input) => (input.key === key ? { ...input, ...change } : input))),
    [],
  );

  const shown = useMemo(
    () =>
      joinParts(
        followed?.state,
        local.states(active?.localId),
        active?.ranOn ?? {},
        local.download(active?.localId),
        t,
      ),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the stores tell by their version that something changed
    [active?.localId, active?.ranOn, followed, local, t, version],
  );

  useOpened({
    serverId,
    localId,
    server,
    local,
    patch,
    activeKey,
    shown: shown.lanes,
    localComparison,
    followed,
    ready: decoders.length > 0,
    adopt: lanes.adopt,
  });
  const sourceOf = useCallback((input: Input) => sourceOfInput(input, server, local), [local, server]);
  const { begin, known, usable } = useBegin({ server, local, info, family, lanes: lanes.lanes, devices });
  const { setAside, stop, runInTurn } = useTurns({
    active,
    server,
    local,
    setInputs,
    setActive,
    setProblem,
    patch,
    begin,
    running: shown.running,
  });

  const attempt = useCallback(async (what: string, work: () => Promise<void>) => {
    setProblem(undefined);
    setWorking(what);
    try {
      await work();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setWorking(undefined);
    }
  }, []);

  const { giveOne, giveFiles, giveAddress } = useGiving({
    attempt,
    begin,
    known,
    usable,
    setAside,
    stop,
    runInTurn,
    running: shown.running,
    setInputs,
    setActive,
    setProblem,
  });
  /** Inputs that were stopped before their turn. */
  const skipped = useMemo(() => inputs.filter((input) => input.skipped), [inputs]);

  const { summable, giveSum } = useSums({
    client,
    server,
    local,
    inputs,
    version,
    family,
    sourceOf,
    attempt,
    giveOne,
    usable: useCallback(async () => usable(await known()), [known, usable]),
  });

  const again = active && sourceOf(active);
  const runAll = useCallback(async () => {
    if (!active || !again) return;
    await attempt(sourceName(again, t), async () => {
      if (shown.running) await stop();
      const { ended: _ended, ...begun } = await begin(again, undefined);
      patch(active.key, { source: again, problem: undefined, skipped: false, ...begun });
      window.history.pushState(null, '', addressOf(begun));
    });
  }, [active, again, attempt, begin, patch, shown.running, stop, t]);

  const ratings = useKeptRatings({ client, server, local, active, lanes: shown.lanes });
  const { forget: forgetRatings } = ratings;
  /** Runs some lanes of the input once more, or for the first time; the others stay. */
  const runLanes = useCallback(
    async (wanted: readonly Wanted[]) => {
      if (!active || !again) return;
      setProblem(undefined);
      forgetRatings(wanted.map(({ id }) => id));
      setAsked((before) => [...before, ...wanted.map(({ id }) => id)]);
      try {
        const { ended: _ended, ...begun } = await begin(again, wanted, active);
        patch(active.key, { source: again, skipped: false, ...begun });
        window.history.replaceState(null, '', addressOf(begun));
      } catch (error) {
        setProblem(problemOf(error));
      } finally {
        setAsked((before) => before.filter((id) => !wanted.some((lane) => lane.id === id)));
      }
    },
    [active, again, begin, forgetRatings, patch],
  );

  /** Goes on from an alternative, in a lane of its own beside the one that it branches from. */
  const branch = useCallback(
    (film: LaneFilm, at: number, alternative: number) => {
      const from = lanes.lanes.find(({ id }) => id === film.id) ?? { id: film.id, decoder: film.decoder, options: {} };
      const options = { ...from.options, prefixTokens: branchTokens(film, at, alternative) };
      const id = lanes.add(film.decoder, options, film.id);
      devices.choose([id], devices.deviceOf(film.id));
      void runLanes([{ id, decoder: film.decoder, options, device: devices.deviceOf(film.id) }]);
      return id;
    },
    [devices, lanes, runLanes],
  );

  const select = useCallback(
    (key: string) => {
      const input = inputs.find((each) => each.key === key);
      if (!input) return;
      setActive(key);
      setProblem(undefined);
      if (input.serverId !== undefined || input.localId !== undefined)
        window.history.replaceState(null, '', addressOf(input));
    },
    [inputs],
  );

  const saving = useMemo(() => {
    if (
      !localComparison ||
      shown.running ||
      !local.states(active?.localId).some((state) => state.lanes.some((lane) => lane.result))
    )
      return undefined;
    return { comparison: localComparison, onSave: (choice: SaveChoice) => saveLocal(client, localComparison, choice) };
  }, [active?.localId, client, local, localComparison, shown.running]);

  const embedding = useMemo(() => {
    const values =
      shown.encoded?.values ?? followed?.embedding ?? (again?.kind === 'embedding' ? again.values : undefined);
    const modality = (again?.kind === 'embedding' ? again.modality : undefined) ?? ('image' as const);
    return values && { values, space: shown.encoded?.space ?? family?.space ?? '', modality };
  }, [again, family?.space, followed?.embedding, shown.encoded]);

  const [serverPart, localPart] = [active?.serverId, active?.localId];
  const references: ReferenceKeeper = {
    key: active?.key,
    target: serverPart === undefined && localPart === undefined ? undefined : `${serverPart ?? ''} ${localPart ?? ''}`,
    kept: localComparison ? (localComparison.references ?? followed?.references ?? []) : followed?.references,
    keep: async (lines) => {
      if (localPart !== undefined) await changeLocal(localPart, { references: lines });
      if (serverPart !== undefined) await client.history.edit.mutate({ id: serverPart, references: lines });
    },
  };

  /** The comparison that the address names, where none of it can be shown. */
  const absence = followed ? undefined : localId !== undefined ? local.absence(localId) : server.absence(serverId);

  return {
    references,
    ratings,
    missing: absence && activeKey === (localId ?? serverId) ? absence : undefined,
    ...{ info, families, family, decoders, lanes, devices, inputs, active, shown, embedding, saving },
    /** The photo that is described, where there is one. */
    picture: localComparison?.photo
      ? { url: urlOf(localComparison.photo.blob) }
      : (followed?.picture ??
        (again?.kind === 'photo' && (again.blob || again.url)
          ? { url: again.blob ? urlOf(again.blob) : again.url! }
          : undefined)),
    source: again,
    /** Saved without its picture. */
    withheld: Boolean(followed && !followed.picture && followed.input !== 'embedding' && !localComparison),
    problem:
      problem ??
      active?.problem ??
      server.problem(active?.serverId) ??
      local.problem(active?.localId) ??
      (info.error ? problemOf(info.error) : shown.failure),
    working,
    /** Lanes that were asked for and have not begun. */
    asked,
    /** Also until the page can hear: a press before that would be lost. */
    busy: !hydrated || working !== undefined,
    statusOf: useCallback((input: Input): InputStatus => inputStatus(input, server, local), [local, server]),
    ...{
      giveOne,
      giveFiles,
      giveAddress,
      giveSum,
      summable,
      runAll: again && runAll,
      runLanes,
      branch,
      stop,
      select,
      skipped,
    },
    runSkipped: useCallback(() => runInTurn(skipped), [runInTurn, skipped]),
    /** Inputs wait for their turn, or the one whose turn it is runs. */
    inTurn: inputs.some(({ waiting }) => waiting),
    forget: useCallback((key: string) => setInputs((all) => all.filter((input) => input.key !== key)), []),
  };
}

const zero = () => 0;
