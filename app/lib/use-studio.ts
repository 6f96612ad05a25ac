'use client';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { StudioError } from '@/models/errors';
import type { FamilyCard, StudioInfo } from '@/server/trpc/types';
import { branchTokens, type LaneFilm } from '../views/film';
import { namedPicture } from './addresses';
import { errorText, fetchImage, useStudioClient } from './client';
import { joinParts } from './comparison-view';
import { isEmbeddingFile, readEmbeddings } from './embedding-io';
import { type Input, type InputStatus, localInput, serverInput, type Source, sourceName, urlOf } from './inputs';
import type { LaneDevice } from './lane-device';
import { changeLocal, type LocalComparison, type LocalRun } from './local-comparisons';
import { LocalRuns } from './local-runs';
import { type SaveChoice, saveLocal } from './save-local';
import { ServerComparisons } from './server-comparisons';
import { canCaption, useFamily } from './use-family';
import { useHydrated } from './use-hydrated';
import { useLaneDevices } from './use-lane-devices';
import { useKeptRatings } from './use-kept-ratings';
import type { ReferenceKeeper } from './use-kept-references';
import { initialLanes, type LaneConfig, optionsOf, useLanes } from './use-lanes';
import { useSums } from './use-sums';
import { addressOf, type Begun, maxInputs, useTurns } from './use-turns';

/** All that the page does: inputs, lanes, running them where they belong, showing what there is. */
export function useStudio({ serverId, localId }: { serverId?: string; localId?: string }) {
  const client = useStudioClient();
  const info = useQuery({ queryKey: ['studio.info'], queryFn: () => client.studio.info.query() });
  const [server] = useState(() => new ServerComparisons(client));
  const [local] = useState(() => new LocalRuns());
  const version = `${useSyncExternalStore(server.notifier.subscribe, server.notifier.version, zero)} ${useSyncExternalStore(local.notifier.subscribe, local.notifier.version, zero)}`;
  const devices = useLaneDevices();
  const [inputs, setInputs] = useState<Input[]>(() => (serverId || localId ? [{ key: serverId ?? localId!, serverId, localId, ranOn: {} }] : []));
  const [activeKey, setActive] = useState<string | undefined>(serverId ?? localId);
  const [problem, setProblem] = useState<string>();
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
  const patch = useCallback((key: string, change: Partial<Input>) => setInputs((all) => all.map((input) => (input.key === key ? { ...input, ...change } : input))), []);

  // What an address names is loaded; the rest of a mixed comparison lies on the server.
  useEffect(() => {
    if (serverId) server.follow(serverId);
    if (localId)
      void local.open(localId).then((found) => {
        if (found?.serverId) {
          server.follow(found.serverId);
          patch(localId, { serverId: found.serverId });
        }
      });
  }, [local, localId, patch, server, serverId]);

  const shown = useMemo(
    () => joinParts(followed?.state, local.states(active?.localId), active?.ranOn ?? {}, local.download(active?.localId)),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the stores tell by their version that something changed
    [active?.localId, active?.ranOn, followed, local, version],
  );

  // An opened comparison brings its own lanes.
  const opened = serverId ?? localId;
  const adopted = useRef(false);
  const { adopt } = lanes;
  useEffect(() => {
    if (adopted.current || !opened || activeKey !== opened || !decoders.length || !shown.lanes.length) return;
    // A mixed comparison is whole once both halves are here.
    if (localComparison?.serverId && !followed) return;
    adopted.current = true;
    const place = ({ id }: LaneFilm) => {
      const at = localComparison?.order?.indexOf(id) ?? -1;
      return at < 0 ? Infinity : at;
    };
    adopt(opened, [...shown.lanes].sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b))));
  }, [activeKey, adopt, decoders.length, followed, localComparison, opened, shown.lanes]);

  const sourceOf = useCallback(
    (input: Input): Source | undefined => {
      if (input.source) return input.source;
      const mine = local.comparison(input.localId);
      if (mine?.photo) return { kind: 'photo', name: mine.photo.name, blob: mine.photo.blob };
      if (mine?.embedding) return { kind: 'embedding', ...mine.embedding };
      const theirs = server.shown(input.serverId);
      if (theirs?.input === 'sample') return { kind: 'sample' };
      if (theirs?.picture) return { kind: 'photo', name: theirs.title || 'photo', imageId: theirs.picture.id, url: theirs.picture.url };
      if (theirs?.embedding) return { kind: 'embedding', name: theirs.title || 'embedding', values: theirs.embedding, ...(theirs.modality ? { modality: theirs.modality } : {}) };
      return undefined;
    },
    [local, server],
  );

  const usable = useCallback(
    (studio: StudioInfo): FamilyCard => {
      const used = family ?? studio.families.find(canCaption);
      if (!used) throw new StudioError('family-unknown', 'The studio has no family that can caption. Open Models and pull or import one.');
      return used;
    },
    [family],
  );
  const known = useCallback(async (): Promise<StudioInfo> => info.data ?? (await info.refetch({ throwOnError: true })).data!, [info]);

  /**
   * Starts lanes on an input: in a comparison of their own, or with `into` in those that it has. Resolves once they are started, with
   * where they are and a promise of their end. @throws Error, in words for the person
   */
  const begin = useCallback(
    async (source: Source, wanted: readonly Wanted[] | undefined, into?: Input): Promise<Begun> => {
      // Somebody may be faster than the page's first question to the server.
      const studio = await known();
      const used = usable(studio);
      const cards = decodersOf(studio, used);
      const all = (wanted ?? (lanes.lanes.length ? lanes.lanes : initialLanes(cards))).filter(({ decoder }) => cards.some(({ name }) => name === decoder));
      const deviceOf = (lane: Wanted) => devices.runsOn(lane.device ?? devices.deviceOf(lane.id));
      const request = (lane: LaneConfig) => ({ id: lane.id, decoder: lane.decoder, options: optionsOf(lane, cards, used) });
      const here = webDevices.map((device) => ({ device, lanes: all.filter((lane) => deviceOf(lane) === device).map(request) })).filter((group) => group.lanes.length);
      const there = all.filter((lane) => deviceOf(lane) === 'server').map(request);
      // Lanes of this browser first make sure that the picture can be read, before anything is started anywhere.
      const own = here.length ? await localInput(source, here[0]!.device, studio, used.space) : undefined;
      let [onServer, inBrowser] = [into?.serverId, into?.localId];
      const ended: Promise<void>[] = [];
      if (there.length) {
        if (onServer === undefined) onServer = await server.create({ input: await serverInput(source), lanes: there, family: used.name, ...(source.kind === 'sample' ? {} : { title: sourceName(source).slice(0, 200) }) });
        else await server.extend({ id: onServer, lanes: there });
        ended.push(server.whenEnded(onServer));
      }
      if (own) {
        const runs = here.map((group): LocalRun => ({ ...group, items: [] }));
        if (inBrowser !== undefined) ended.push(local.extend(inBrowser, runs, own.input));
        else {
          inBrowser = crypto.randomUUID();
          const { kind: _kind, ...embedding } = source.kind === 'embedding' ? source : { kind: '', name: '', values: [] };
          const comparison: LocalComparison = {
            ...{ id: inBrowser, createdAt: Date.now(), family: used.name, precision: 'fp32', runs, order: all.map(({ id }) => id) },
            ...(own.photo ? { photo: { ...own.photo, name: sourceName(source) } } : { embedding }),
            ...(onServer === undefined ? {} : { serverId: onServer }),
          };
          ended.push(local.start(comparison, own.input));
        }
      }
      const ranOn = Object.fromEntries(all.map((lane) => [lane.id, deviceOf(lane) === 'server' ? ('server' as const) : ('local' as const)]));
      return { serverId: onServer, localId: inBrowser, ranOn: { ...into?.ranOn, ...ranOn }, ended: Promise.all(ended).then(() => undefined) };
    },
    [devices, known, lanes.lanes, local, server, usable],
  );

  const { setAside, stop, runInTurn } = useTurns({ active, server, local, setInputs, setActive, setProblem, patch, begin, running: shown.running });

  const attempt = useCallback(async (what: string, work: () => Promise<void>) => {
    setProblem(undefined);
    setWorking(what);
    try {
      await work();
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setWorking(undefined);
    }
  }, []);

  /** Describes one input. What was there stays until the new one is known to be readable. */
  const giveOne = useCallback(
    (source: Source) =>
      attempt(sourceName(source), async () => {
        if (shown.running) await stop();
        setAside();
        const { ended: _ended, ...begun } = await begin(source, undefined);
        const input: Input = { key: crypto.randomUUID(), source, ...begun };
        // The sample once more takes the place of the sample before: that one is in the history.
        setInputs((all) => [...all.filter((other) => source.kind !== 'sample' || other.source?.kind !== 'sample'), input].slice(-maxInputs));
        setActive(input.key);
        window.history.pushState(null, '', addressOf(begun));
      }),
    [attempt, begin, setAside, shown.running, stop],
  );

  /** Describes several inputs one after the other, each in a comparison of its own. */
  const giveMany = useCallback(
    async (sources: readonly Source[]) => {
      if (sources.length < 2) return sources[0] && giveOne(sources[0]);
      return runInTurn(sources.slice(0, maxInputs).map((source): Input => ({ key: crypto.randomUUID(), source, ranOn: {} })));
    },
    [giveOne, runInTurn],
  );
  /** Inputs that were stopped before their turn. */
  const skipped = useMemo(() => inputs.filter((input) => input.skipped), [inputs]);

  const giveFiles = useCallback(
    async (files: readonly File[]) => {
      const sources: Source[] = [];
      for (const file of files) {
        if (!isEmbeddingFile(file)) sources.push({ kind: 'photo', name: file.name, blob: file });
        else
          try {
            const { dim, space } = usable(await known());
            sources.push(...(await readEmbeddings(file, dim, space)).map((embedding) => ({ kind: 'embedding' as const, ...embedding })));
          } catch (error) {
            setProblem(errorText(error));
            return;
          }
      }
      if (!sources.length) return setProblem('There is no picture and no embedding in what was given. Give JPEG, PNG, WebP, GIF or AVIF photos, or embeddings (.npy, .json, .safetensors).');
      const turns = giveMany(sources);
      if (sources.length > maxInputs) setProblem(`The page takes ${maxInputs} inputs at once, and these are ${sources.length}: the last ${sources.length - maxInputs} were left out. Give them afterwards, or caption whole folders on the command line (npm run -s studio -- caption).`);
      await turns;
    },
    [giveMany, known, usable],
  );

  /** An address that was pasted, dropped or typed. Those of the network are fetched by the studio's server, where it may. @returns whether it was one */
  const giveAddress = useCallback(
    (text: string): boolean => {
      const named = namedPicture(text);
      if (named && 'picture' in named) void giveFiles([named.picture]);
      else if (named)
        void (async () => {
          let found: Source | undefined;
          await attempt('the picture of the address', async () => {
            const { id: imageId, url, name } = await fetchImage(named.address);
            found = { kind: 'photo', name, imageId, url };
          });
          if (found) await giveOne(found);
        })();
      return named !== undefined;
    },
    [attempt, giveFiles, giveOne],
  );

  const { summable, giveSum } = useSums({ client, server, local, inputs, version, family, sourceOf, attempt, giveOne, usable: useCallback(async () => usable(await known()), [known, usable]) });

  const again = active && sourceOf(active);
  const runAll = useCallback(async () => {
    if (!active || !again) return;
    await attempt(sourceName(again), async () => {
      if (shown.running) await stop();
      const { ended: _ended, ...begun } = await begin(again, undefined);
      patch(active.key, { source: again, problem: undefined, skipped: false, ...begun });
      window.history.pushState(null, '', addressOf(begun));
    });
  }, [active, again, attempt, begin, patch, shown.running, stop]);

  /** Runs some lanes of the input once more, or for the first time; the others stay. */
  const ratings = useKeptRatings({ client, server, local, active, lanes: shown.lanes });
  const { forget: forgetRatings } = ratings;
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
        setProblem(errorText(error));
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
      if (input.serverId !== undefined || input.localId !== undefined) window.history.replaceState(null, '', addressOf(input));
    },
    [inputs],
  );

  const saving = useMemo(() => {
    if (!localComparison || shown.running || !local.states(active?.localId).some((state) => state.lanes.some((lane) => lane.result))) return undefined;
    return { comparison: localComparison, onSave: (choice: SaveChoice) => saveLocal(client, localComparison, choice) };
  }, [active?.localId, client, local, localComparison, shown.running]);

  const embedding = useMemo(() => {
    const values = shown.encoded?.values ?? followed?.embedding ?? (again?.kind === 'embedding' ? again.values : undefined);
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

  return {
    references,
    ratings,
    ...{ info, families, family, decoders, lanes, devices, inputs, active, shown, embedding, saving },
    /** The photo that is described, where there is one. */
    picture: localComparison?.photo ? { url: urlOf(localComparison.photo.blob) } : (followed?.picture ?? (again?.kind === 'photo' && (again.blob || again.url) ? { url: again.blob ? urlOf(again.blob) : again.url! } : undefined)),
    source: again,
    /** Saved without its picture. */
    withheld: Boolean(followed && !followed.picture && followed.input !== 'embedding' && !localComparison),
    problem: problem ?? active?.problem ?? server.problem(active?.serverId) ?? local.problem(active?.localId) ?? (info.error ? errorText(info.error) : shown.failure),
    working,
    /** Lanes that were asked for and have not begun. */
    asked,
    /** Also until the page can hear: a press before that would be lost. */
    busy: !hydrated || working !== undefined,
    statusOf: useCallback((input: Input): InputStatus => inputStatus(input, server, local), [local, server]),
    ...{ giveOne, giveFiles, giveAddress, giveSum, summable, runAll: again && runAll, runLanes, branch, stop, select, skipped },
    runSkipped: useCallback(() => runInTurn(skipped), [runInTurn, skipped]),
    /** Inputs wait for their turn, or the one whose turn it is runs. */
    inTurn: inputs.some(({ waiting }) => waiting),
    forget: useCallback((key: string) => setInputs((all) => all.filter((input) => input.key !== key)), []),
  };
}

/** A lane to run; `device` where the person's choice for it is not known yet. */
type Wanted = LaneConfig & { device?: LaneDevice };
const webDevices = ['webgpu', 'wasm'] as const;
const zero = () => 0;

function inputStatus(input: Input, server: ServerComparisons, local: LocalRuns): InputStatus {
  if (input.problem) return 'failed';
  if (input.skipped) return 'not run';
  const states = [...(input.serverId ? [server.shown(input.serverId)?.state] : []), ...local.states(input.localId)];
  if (input.waiting || !states.length) return 'waiting';
  if (states.some((state) => !state || state.status === 'queued' || state.status === 'running')) return 'running';
  return states.every((state) => state!.lanes.every(({ status }) => status === 'failed')) ? 'failed' : 'done';
}

function decodersOf(info: StudioInfo | undefined, family: FamilyCard | undefined) {
  return info && family ? info.decoders.filter(({ name }) => family.decoders.includes(name)) : [];
}
